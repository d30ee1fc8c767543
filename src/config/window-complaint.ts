import { parseMoment } from '../lib/moment.ts'
import { type Complaint, wanted } from './watch-values.ts'

/** How a maintenance window says when it is. */
interface WindowTimes {
  readonly cron?: string | undefined
  readonly duration?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

type Blamed = Complaint & { readonly key: keyof WindowTimes }

const BOTH = 'either `cron` with `duration`, or `from` with `until`'
const NEITHER = '`cron` with `duration`, or `from` with `until`'

/** A window is by cron or by dates, and ends after it begins; else what is wrong, and with which key. Null: nothing. */
export function windowComplaint({ cron, duration, from, until }: WindowTimes, zone: string): Blamed | null {
  const isRepeated = cron !== undefined || duration !== undefined
  const isOnce = from !== undefined || until !== undefined
  if (isRepeated && isOnce) return { key: from === undefined ? 'until' : `from`, ...wanted(BOTH) }
  if (!isOnce) return repeatedComplaint(cron, duration)
  if (from === undefined) return { key: `from`, ...wanted('a time such as 2026-12-01T20:00') }
  if (until === undefined) return { key: 'until', ...wanted('a time such as 2026-12-01T23:00') }
  const begin = parseMoment(from, zone)
  const end = parseMoment(until, zone)
  // What cannot be read is told by itself.
  if (begin === null || end === null || end > begin) return null
  return { key: 'until', ...wanted('a time after `from`') }
}

function repeatedComplaint(cron: string | undefined, duration: string | undefined): Blamed | null {
  if (cron === undefined) return { key: 'cron', ...wanted(NEITHER) }
  return duration === undefined ? { key: 'duration', ...wanted('how long, such as 2h') } : null
}
