import { basename } from 'node:path'
import { extractReports } from '../mailbox/extract.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import { reportContentSha256 } from '../model/report-identity.ts'
import { redactReportText } from '../protocol/tlsrpt/redact-report.ts'
import { readTlsReports } from '../protocol/tlsrpt/report.ts'
import { reportMembers } from '../protocol/tlsrpt/report-format.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { findReport } from './reports-show.ts'

export interface ReportsRedactRequest {
  readonly configFile: string
  readonly id: string
}

/**
 * `reports redact ID`: the JSON of a report without anybody's name, to be shown to those who mend readers. As the sender
 * wrote it where the original is kept, else as it was understood.
 */
export async function reportsRedactCommand(
  { configFile, id }: ReportsRedactRequest,
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const report = await findReport(store.reports, id, io)
  if (report === null) return EXIT.noInput
  const raw = await store.reports.original(report.rawSha256)
  const original = raw === null ? null : await originalText(raw.bytes, report)
  if (original === null) {
    io.err(
      'The original is not at hand any more: this is the report as it was understood, not as it was written.\n',
    )
  }
  const text = original ?? JSON.stringify(reportMembers(report.report), null, 2)
  const redacted = redactReportText(text).trimEnd()
  // Between the strings there may be a byte order mark or carriage returns: what is odd about a file stays in the file.
  io.out(`${io.terminal ? redacted.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, '') : redacted}\n`)
  return EXIT.ok
}

/** The JSON that this report was read from; null when it cannot be told. */
async function originalText(bytes: Uint8Array, report: ReceivedReport): Promise<string | null> {
  const fileName = report.source.via === 'file' ? basename(report.source.path) : null
  const { candidates } = await extractReports(bytes, fileName)
  for (const { texts, hints } of candidates) {
    for (const text of texts) {
      const { reports } = readTlsReports(text, hints)
      if (reports.some((one) => reportContentSha256(one) === report.contentSha256)) {
        return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8')
      }
    }
  }
  return null
}
