import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import type { Io } from './io.ts'

/** The last words of a program that met a bug of its own: for a person on a terminal, else one line of JSON (R24). */
export function tellCrash(error: unknown, io: Io): void {
  const text = wordsOf(error)
  if (io.terminal) {
    io.err(`stswatch: this is a fault of stswatch itself; please report it with these lines:\n${text}\n`)
    return
  }
  const time = new Date(systemClock.now()).toISOString()
  io.err(`${printableJson(JSON.stringify({ level: 'error', time, event: 'crash', error: text }))}\n`)
}

function wordsOf(error: unknown): string {
  // The first fault comes first; the one met while cleaning up after it is often its consequence.
  if (error instanceof SuppressedError) return `${wordsOf(error.suppressed)}\nthen: ${wordsOf(error.error)}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
