import { once } from 'node:events'
import type { Io } from './io.ts'

/** The real process as an Io. A reader that closes the pipe early (`| head`) ends the process quietly. */
export function processIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    stdin: process.stdin,
    out: (text) => void process.stdout.write(text),
    drained: async () => {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain')
    },
    err: (text) => void process.stderr.write(text),
    env: process.env,
    terminal: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
    columns: process.stdout.columns ?? 100,
  }
}
