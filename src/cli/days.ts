import { display } from '../lib/display.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import { EXIT, type Io } from './io.ts'

/** Midnight UTC so many days before `now`, or null after it was said what is wrong with `--days`. */
export function sinceDay(days: string, now: UnixMs, command: string, io: Io): UnixMs | null {
  const count = Number(days)
  if (Number.isFinite(count) && count > 0 && days.trim() !== '') {
    const at = now - count * DAY_MS
    return at - (at % DAY_MS)
  }
  io.err(`stswatch ${command}: --days ${display(days)}: write a number of days, like 30\n`)
  return null
}

/** Says what is wrong with the command line. */
export function refuse(command: string, message: string, io: Io): number {
  io.err(`stswatch ${command}: ${message}\n`)
  return EXIT.usage
}
