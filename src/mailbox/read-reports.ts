import { type Deviation, mergeDeviations, openDiary, readingOutcome } from '../protocol/tlsrpt/deviation.ts'
import { type DeviationCode, deviationWeight } from '../protocol/tlsrpt/deviation-codes.ts'
import { readTlsReports, type TlsReportReading } from '../protocol/tlsrpt/report.ts'
import { type Candidate, extractReports, type MailHead } from './extract.ts'
import type { ReadReport } from './intake.ts'
import { type ContentKind, sniff } from './sniff.ts'

/** All that is in a file or mail, but who answers for it. */
export interface ContentReading {
  readonly outcome: TlsReportReading['outcome']
  readonly reports: readonly ReadReport[]
  readonly deviations: readonly Deviation[]
  /** Null: it is no mail. */
  readonly mail: MailHead | null
  /** Something says that it is a TLS report, or could not be looked into: then failing to read it matters. */
  readonly claimed: boolean
}

const NO_REPORT: readonly Deviation[] = [{ code: 'no-report', where: '', found: null, times: 1 }]

/** What an attachment is that was looked into and is no TLS report, but a DMARC report, a picture … */
const SOMETHING_ELSE: readonly DeviationCode[] = ['not-json', 'not-a-report', 'xml-not-json', 'no-report']

/**
 * The TLS reports in a file of any kind: JSON, gzip, zip, or a mail. `fileName` is the file's own, if it has one. An
 * attachment that is no report and does not claim to be one is passed over when another is. Never throws for what a
 * sender wrote.
 */
export async function readReports(
  bytes: Uint8Array,
  fileName: string | null = null,
): Promise<TlsReportReading> {
  const { outcome, reports, deviations } = await readContent(bytes, fileName)
  return { outcome, reports: reports.map(({ report }) => report), deviations }
}

/** The same with everything around the reports; `kind` is given when it is known better than from the first bytes. */
export async function readContent(
  bytes: Uint8Array,
  fileName: string | null,
  kind: ContentKind = sniff(bytes),
): Promise<ContentReading> {
  const { candidates, deviations, mail } = await extractReports(bytes, fileName, kind)
  const readings = candidates.map(readCandidate)
  const isFound = readings.some(({ reports }) => reports.length > 0)
  const counted = readings.filter(({ reports, claimed }) => !isFound || reports.length > 0 || claimed)
  const reports = counted.flatMap((reading) => reading.reports)
  const several = openDiary()
  if (readings.filter((reading) => reading.reports.length > 0).length > 1) several.note('several-reports', '')
  const all = mergeDeviations([
    isFound || candidates.length === 0 ? deviations : [],
    ...counted.map((reading) => reading.deviations),
    several.entries(),
  ])
  const refusals = all.filter(({ code }) => deviationWeight(code) === 'refused')
  const claimed =
    mail?.claimed === true ||
    candidates.some((candidate) => candidate.claimed) ||
    refusals.some(({ code }) => !SOMETHING_ELSE.includes(code))
  if (!isFound && refusals.length === 0) {
    return { outcome: 'reject', reports: [], deviations: NO_REPORT, mail, claimed }
  }
  return { outcome: readingOutcome(reports.length, all), reports, deviations: all, mail, claimed }
}

function readCandidate({ texts, hints, claimed, deviations }: Candidate) {
  const readings = texts.map((text) => readTlsReports(text, hints))
  return {
    claimed,
    reports: readings.flatMap(({ reports }) => reports.map((report): ReadReport => ({ report, hints }))),
    deviations: mergeDeviations([deviations, ...readings.map((reading) => reading.deviations)]),
  }
}
