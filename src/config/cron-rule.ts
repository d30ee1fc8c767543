import { parseCron } from '../lib/cron.ts'
import { firstTooClose } from '../lib/cron-slots.ts'
import type { UnixMs } from '../lib/time.ts'
import { MINUTE_MS } from '../lib/time.ts'

/** What is wrong with a cron line, in words, or null: five fields, and never more often than every `gapMs` (R17). */
export type CronRule = (line: string, gapMs: number) => string | null

/** Remembers its answers: twenty thousand domains mostly share a line, and looking 400 days ahead is not free. */
export function cronRule(timeZone: string, now: UnixMs): CronRule {
  const known = new Map<string, string | null>()
  return (line, gapMs) => {
    const key = `${gapMs} ${line}`
    const answer = known.get(key)
    if (answer !== undefined) return answer
    const fresh = complaintAbout(line, gapMs, timeZone, now)
    known.set(key, fresh)
    return fresh
  }
}

function complaintAbout(line: string, gapMs: number, timeZone: string, now: UnixMs): string | null {
  const cron = parseCron(line)
  if (!cron.ok) return cron.error
  const pair = firstTooClose(cron.value, timeZone, now, gapMs)
  if (pair === null) return null
  const [first, second] = pair.map((at) => `${new Date(at).toISOString().slice(0, 16)}Z`)
  return `it comes round at ${first} and again at ${second}, and the shortest interval is ${gapMs / MINUTE_MS} minutes`
}
