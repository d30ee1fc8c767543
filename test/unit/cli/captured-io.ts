import type { Io } from '../../../src/cli/io.ts'

export interface CapturedIo {
  readonly io: Io
  readonly said: { readonly out: string; readonly err: string }
}

/** What a command said, instead of a terminal. */
export function capturedIo(parts: Partial<Io> & { readonly input?: string } = {}): CapturedIo {
  const { input = '', ...replaced } = parts
  const said = { out: '', err: '' }
  const io: Io = {
    stdin: (async function* () {
      yield Buffer.from(input)
    })(),
    out(text) {
      said.out += text
    },
    err(text) {
      said.err += text
    },
    drained: async () => {},
    env: {},
    terminal: false,
    columns: 100,
    ...replaced,
  }
  return { io, said }
}
