import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Facts } from './facts.ts'
import type { OwnLook } from './own-view.ts'
import { dayEnd, type ReportedDays } from './reported-days.ts'

/** When what was reported is over (reliability §12.4). */

export const CLEAN_DAYS = 2
/** With our own look clean as well. */
export const CLEAN_DAYS_WITH_LOOK = 1
/** Without a word from those who reported it. */
export const QUIET_MS = 7 * DAY_MS

/** Is an incident of this key alive, a suspicion included? */
export function isLive({ reports }: Facts, code: FindingCode, subject: string): boolean {
  return reports.ownSightings.some(
    (own) => own.code === code && own.subject === subject && own.endedAt === null,
  )
}

/**
 * Has a problem that was last reported on `lastBadAt` by these reporters ended? Two clean days of each of them say so; or one
 * clean day of any, or a week of silence, with our own look clean. A clean day is one with a report on which it was
 * not bad; every day after `lastBadAt` is, or it would be later.
 */
export function isOver(
  lastBadAt: UnixMs,
  reporters: readonly DomainName[],
  days: ReportedDays,
  look: OwnLook,
  now: UnixMs,
): boolean {
  if (look === 'bad') return false
  const clean = reporters.map((reporter) => cleanDays(reporter, lastBadAt, days))
  if (clean.length > 0 && clean.every((count) => count >= CLEAN_DAYS)) return true
  const isLookClean = look === 'clean' || look === 'gone'
  if (isLookClean && clean.some((count) => count >= CLEAN_DAYS_WITH_LOOK)) return true
  return (isLookClean || look === 'unseeable') && now - dayEnd(lastBadAt) >= QUIET_MS
}

/** Was any later day reported by one of them? */
export function hasNews(lastBadAt: UnixMs, reporters: readonly DomainName[], days: ReportedDays): boolean {
  return reporters.some((reporter) => cleanDays(reporter, lastBadAt, days) > 0)
}

function cleanDays(reporter: DomainName, after: UnixMs, days: ReportedDays): number {
  const later = [...days].filter(([dayAt]) => dayAt > after)
  return later.filter(([, list]) => list.some((one) => one.reporter === reporter)).length
}
