import type { UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { Incident } from '../model/incident.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { MailClass } from '../model/received-report.ts'
import type { OwnReportCounts } from '../model/weekly-summary.ts'
import type { CurrentCertificate } from './current-certificates.ts'
import type { Downtime } from './downtimes.ts'
import type { LookCount } from './look-days.ts'

/** What summaries ask for: over all domains at once, in pages where there may be much. */
export interface SummaryStore {
  /** Confirmed ones that last, or ended at or after `since`; oldest first. */
  incidents(since: UnixMs): AsyncIterable<Incident>
  /** From `since` to before `until`, oldest first. */
  changes(since: UnixMs, until: UnixMs): AsyncIterable<Change>
  /** As the newest look saw them. */
  certificates(): AsyncIterable<CurrentCertificate>
  /** The policy version that was seen last, of every domain. */
  policies(): Promise<readonly Pick<PolicyVersion, 'domain' | 'mode' | 'horizonAt'>[]>
  looks(firstDayAt: UnixMs, endDayAt: UnixMs): Promise<readonly LookCount[]>
  downtimes(since: UnixMs, until: UnixMs): Promise<readonly Downtime[]>
  /** How many mails and files that arrived in that time ended in each class; canaries are in none. */
  mails(since: UnixMs, until: UnixMs): Promise<ReadonlyMap<MailClass, number>>
  /** Canaries of slots in that time that were tried, and those that arrived or were taken by an endpoint. */
  canaries(since: UnixMs, until: UnixMs): Promise<{ readonly sent: number; readonly arrived: number }>
  /** What became of our own TLS reports about the days from `firstDayAt` to before `endDayAt`; canaries are none. */
  ownReports(firstDayAt: UnixMs, endDayAt: UnixMs): Promise<OwnReportCounts>
  /** Messages that were given up since then, and those that were tried in vain and still are. */
  undelivered(since: UnixMs): Promise<{ readonly givenUp: number; readonly waiting: number }>
}
