import { errorText } from '../../lib/error-text.ts'
import { DAY_MS, type UnixMs } from '../../lib/time.ts'
import type { Submission } from '../../model/submission.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import { parseTlsrptRecord } from '../../protocol/tlsrpt/record.ts'
import { formatTlsReport } from '../../protocol/tlsrpt/report-format.ts'
import { chooseUris, type UsableUri } from '../../submit/choose-uris.ts'
import { dailyReport, type ReportDay } from '../../submit/daily-report.ts'
import { dueAt, reportIdOf, submissionIdOf } from '../../submit/report-identity.ts'
import type { AppTools } from '../app-tools.ts'
import type { Reporter } from '../reporter.ts'
import type { Settings } from '../settings.ts'

/** R77: reports of one day that go to one URI, whoever publishes it. */
const MOST_PER_URI = 20
/** RFC 8460 §5.2: a limit that receivers often have. */
const MOST_BYTES = 10 * 1024 * 1024

/**
 * Makes the reports about the UTC day that ended at `endAt`, for each domain that gets any and each URI that it publishes,
 * and puts them on their way; gives how many are new. Done again it adds nothing. What goes wrong with one domain keeps no
 * other from its report; it rejects at the end.
 */
export async function queueReports(
  endAt: UnixMs,
  { config, reporter }: Pick<Settings, 'config' | 'reporter'>,
  tools: Pick<AppTools, 'store' | 'clock' | 'log'>,
): Promise<number> {
  if (reporter === null) return 0
  const dayAt = endAt - DAY_MS
  let queued = 0
  const failed: string[] = []
  for (const { name } of config.domains.filter(({ submitReports }) => submitReports)) {
    try {
      const submissions = await reportSubmissions({ domain: name, dayAt }, endAt, reporter, tools)
      queued += await tools.store.submissions.queue(submissions, { mostPerUri: MOST_PER_URI })
    } catch (error) {
      tools.log.error('report.not-made', { domain: name, error: errorText(error) })
      failed.push(`${name}: ${errorText(error)}`)
    }
  }
  if (failed.length > 0) throw new Error(`of ${failed.length} domains no report was made: ${failed[0]}`)
  return queued
}

/** The reports about a day, one a URI that the domain publishes; empty when there was no session. */
export async function reportSubmissions(
  day: ReportDay,
  endAt: UnixMs,
  reporter: Reporter,
  { store, clock, log }: Pick<AppTools, 'store' | 'clock' | 'log'>,
): Promise<readonly Submission[]> {
  const report = await reportOf(day, reporter, store)
  if (report === null) return []
  if (Buffer.byteLength(report.text) > MOST_BYTES) {
    log.warn('report.too-large', { domain: day.domain, bytes: Buffer.byteLength(report.text) })
    return []
  }
  const uris = await publishedUris(day.domain, store)
  return uris.map(({ raw: rua }) => ({
    ...day,
    id: submissionIdOf(day, rua),
    rua,
    reportId: report.id,
    report: report.text,
    createdAt: clock.now(),
    notBefore: dueAt(day, rua, endAt),
  }))
}

/** The JSON of the report about a day as it stands now; null when there was no session. */
export async function reportOf(
  day: ReportDay,
  { author, submitter }: Pick<Reporter, 'author' | 'submitter'>,
  store: AppTools['store'],
): Promise<{ readonly id: string; readonly text: string } | null> {
  const id = reportIdOf(day, submitter)
  const report = dailyReport(await store.submissions.sessionsOf(day.domain, day.dayAt), day, author, id)
  return report === null ? null : { id, text: formatTlsReport(report) }
}

/** Where reports about a domain go, by the record that was last seen. */
export async function publishedUris(
  domain: DomainName,
  store: Pick<AppTools['store'], 'snapshots'>,
): Promise<readonly UsableUri[]> {
  return chooseUris(await publishedRua(domain, store))
}

/** All that the record names, whether or not we would send to it. */
export async function publishedRua(
  domain: DomainName,
  store: Pick<AppTools['store'], 'snapshots'>,
): Promise<readonly UsableUri[]> {
  const seen = (await store.snapshots.latestAnswered(domain))?.tlsrptRecord
  if (seen?.outcome !== 'seen') return []
  const rua = parseTlsrptRecord(seen.value.records).value?.rua ?? []
  return rua.filter((uri) => uri.scheme !== 'unsupported')
}
