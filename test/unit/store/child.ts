import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A script of this folder, running in a process of its own that can be killed. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** The lines that it prints, as they come. */
  readonly lines: AsyncIterator<string>
  /** Resolves with the signal or status that ended it. */
  readonly ended: Promise<NodeJS.Signals | number | null>
  kill(signal: NodeJS.Signals): void
}

export function startChild(script: string, ...args: readonly string[]): Child {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout === null || child.pid === undefined) throw new Error(`could not start ${script}`)
  const ended = once(child, 'close').then(([status, signal]) => signal ?? status)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid,
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Every line until the process ends. */
export async function remainingLines(child: Child): Promise<readonly string[]> {
  const all: string[] = []
  for (let next = await child.lines.next(); next.done !== true; next = await child.lines.next())
    all.push(next.value)
  return all
}
