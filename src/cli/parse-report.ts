/** `stswatch parse report`: what our reader makes of a TLS report, as JSON. */

import { basename } from 'node:path'
import { printableJson } from '../lib/printable-json.ts'
import { INTAKE_LIMITS } from '../mailbox/limits.ts'
import { readReports } from '../mailbox/read-reports.ts'
import { deviationMeaning } from '../protocol/tlsrpt/deviation-codes.ts'
import {
  readTlsReports,
  sumSessions,
  type TlsReport,
  type TlsReportReading,
} from '../protocol/tlsrpt/report.ts'
import { reportDays } from '../protocol/tlsrpt/report-date.ts'
import { EXIT, type Io } from './io.ts'
import { answerJsonLines, type LineAnswer } from './json-lines.ts'
import { type InputSource, openInput } from './open-input.ts'

/** One more than the largest file that is read, so that the reader sees that it is too large. */
const ENOUGH_BYTES = INTAKE_LIMITS.jsonBytes + 1

/** A container of 20 MiB in base64, or a text of 20 MiB with its escapes. */
const LINE_CHARACTERS = 2 ** 25

/**
 * Reads `file` (null: standard input), a report as JSON, gzip or zip, or a mail with one, and prints
 * `{outcome, reports, deviations, success, failure}`; exit status 0 unless no report could be read, then 1. With `lines`:
 * `{"id","input"}` (the JSON text) or `{"id","base64"}` (any container) a line in, one a line out, and 0.
 */
export async function parseReportCommand(
  options: { readonly file: string | null; readonly lines: boolean },
  io: Io,
): Promise<number> {
  const source = await openInput(options.file, io)
  if (source === null) return EXIT.noInput
  if (options.lines) {
    const question = {
      shape: '{"id":…,"input":…} or {"id":…,"base64":…}',
      answer: answerLine,
      maxCharacters: LINE_CHARACTERS,
    }
    await answerJsonLines(source, question, io)
    return EXIT.ok
  }
  const fileName = options.file === null ? null : basename(options.file)
  const reading = await readReports(await readBytes(source), fileName)
  io.out(`${printableJson(JSON.stringify(show(reading), null, 2))}\n`)
  return reading.outcome === 'reject' ? EXIT.findings : EXIT.ok
}

async function answerLine({ input, base64 }: Readonly<Record<string, unknown>>): Promise<LineAnswer> {
  if (typeof input === 'string') return { answer: show(readTlsReports(input)) }
  if (typeof base64 === 'string') return { answer: show(await readReports(Buffer.from(base64, 'base64'))) }
  return { error: '"input" must be the JSON text, or "base64" a file or mail in base64' }
}

/** The whole source, or as much as is needed to see that it is too much. */
async function readBytes(source: InputSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    chunks.push(bytes)
    total += bytes.length
    if (total >= ENOUGH_BYTES) break
  }
  return Buffer.concat(chunks)
}

function show({ outcome, reports, deviations }: TlsReportReading): object {
  return {
    outcome,
    reports: reports.map(showReport),
    deviations: deviations.map((deviation) => ({ ...deviation, meaning: deviationMeaning(deviation.code) })),
    ...sumSessions(reports),
  }
}

function showReport(report: TlsReport): object {
  const { startAt, endAt } = report
  return {
    ...report,
    startAt: startAt === null ? null : new Date(startAt).toISOString(),
    endAt: endAt === null ? null : new Date(endAt).toISOString(),
    days: startAt === null || endAt === null ? null : reportDays(startAt, endAt),
  }
}
