import { mergeDeviations, openDiary, readingOutcome } from '../protocol/tlsrpt/deviation.ts'
import { deviationWeight } from '../protocol/tlsrpt/deviation-codes.ts'
import { readTlsReports, type TlsReportReading } from '../protocol/tlsrpt/report.ts'
import { type Candidate, extractReports } from './extract.ts'

const NO_REPORT: TlsReportReading = {
  outcome: 'reject',
  reports: [],
  deviations: [{ code: 'no-report', where: '', found: null, times: 1 }],
}

/**
 * The TLS reports in a file of any kind: JSON, gzip, zip, or a mail. `fileName` is the file's own, if it has one. An
 * attachment that is no report and does not claim to be one is passed over when another is. Never throws for what a
 * sender wrote.
 */
export async function readReports(
  bytes: Uint8Array,
  fileName: string | null = null,
): Promise<TlsReportReading> {
  const { candidates, deviations } = await extractReports(bytes, fileName)
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
  if (!isFound && !all.some(({ code }) => deviationWeight(code) === 'refused')) return NO_REPORT
  return { outcome: readingOutcome(reports.length, all), reports, deviations: all }
}

function readCandidate({ texts, hints, claimed, deviations }: Candidate) {
  const readings = texts.map((text) => readTlsReports(text, hints))
  return {
    claimed,
    reports: readings.flatMap(({ reports }) => reports),
    deviations: mergeDeviations([deviations, ...readings.map((reading) => reading.deviations)]),
  }
}
