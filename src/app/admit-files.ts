import type { UnixMs } from '../lib/time.ts'
import type { ReportId } from '../model/received-report.ts'
import type { ReportStore } from '../store/report-store.ts'

const EVERY_QUARANTINED = {
  domain: null,
  sender: null,
  standing: 'quarantined',
  sinceDayAt: null,
  failuresOnly: false,
} as const
const MANY = 1_000_000

/**
 * The operator vouches for what was read from files with these hashes, now or in an earlier run that was cut off. Gives the
 * reports that count now and did not before.
 */
export async function admitFiles(
  hashes: ReadonlySet<string>,
  reports: ReportStore,
  now: UnixMs,
): Promise<readonly ReportId[]> {
  const admitted: ReportId[] = []
  for (const { id, rawSha256 } of await reports.list(EVERY_QUARANTINED, MANY)) {
    if (!hashes.has(rawSha256)) continue
    for (const report of await reports.admit({ id }, now)) admitted.push(report.id)
  }
  return admitted
}
