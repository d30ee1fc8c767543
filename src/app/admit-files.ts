import type { UnixMs } from '../lib/time.ts'
import type { ReportId } from '../model/received-report.ts'
import type { ReportStore } from '../store/report-store.ts'

/**
 * The operator vouches for what was read from files with these hashes, now or in an earlier run that was cut off. Gives the
 * reports that count now and did not before.
 */
export async function admitFiles(
  hashes: Iterable<string>,
  reports: ReportStore,
  now: UnixMs,
): Promise<readonly ReportId[]> {
  const admitted: ReportId[] = []
  for (const sha256 of hashes) {
    for (const { id, standing } of await reports.reportsOf({ kind: 'file', sha256 })) {
      if (standing !== 'quarantined') continue
      admitted.push(...(await reports.admit({ id }, now)).map((report) => report.id))
    }
  }
  return admitted
}
