import { display } from '../../lib/display.ts'
import type { Parsed, Problem } from '../problem.ts'
import { type RecordDialect, type SelectedRecord, selectRecord } from '../select-record.ts'
import { scanTagList, type Tag } from '../tag-list.ts'
import { trimWsp } from '../trim-wsp.ts'
import { parseReportUri, type ReportUri } from './report-uri.ts'

/** What `_smtp._tls.<domain>` says: where to send TLS reports. */
export interface TlsrptRecord {
  /** In the order published; never empty, but possibly without a supported scheme. */
  readonly rua: readonly ReportUri[]
}

const DIALECT: RecordDialect = {
  version: 'v=TLSRPTv1',
  required: 'rua',
  owner: '_smtp._tls',
  standard: 'TLSRPT',
  rfc: 'RFC 8460 §3',
}

/** Large reporters send to the first or the first two only. */
const SENSIBLE_URIS = 2

/**
 * Reads the TXT answer of `_smtp._tls.<domain>`: one string per record, its character-strings joined. Strict, and gives
 * all problems; their `line` is the 1-based place of the record in the answer (RFC 8460 §3).
 */
export function parseTlsrptRecord(records: readonly string[]): Parsed<TlsrptRecord> {
  const { record, problems: selection } = selectRecord(records, DIALECT)
  if (record === null) return { value: null, problems: selection }
  const { tags, problems: grammar } = scanTagList(record, DIALECT)
  const fields = tags.filter(({ name }) => name === DIALECT.required)
  const uris = fields.flatMap((field) => readUriList(field, record))
  const rua = uris.flatMap(({ value }) => (value === null ? [] : [value]))
  const problems = [
    ...selection,
    ...grammar,
    ...uris.flatMap((uri) => uri.problems),
    ...countProblems(fields.length, rua, record),
  ]
  return { value: problems.some(({ severity }) => severity === 'error') ? null : { rua }, problems }
}

function readUriList({ value }: Tag, { line }: SelectedRecord): Parsed<ReportUri>[] {
  if (/^[ \t]/.test(value)) {
    const message = `No white space may stand after "rua="; write "rua=${display(trimWsp(value), 120)}".`
    return [
      { value: null, problems: [{ code: 'rua-space', severity: 'error', line, message, rfc: DIALECT.rfc }] },
    ]
  }
  return value.split(',').map((element) => parseReportUri(trimWsp(element), line))
}

function countProblems(fields: number, rua: readonly ReportUri[], { line }: SelectedRecord): Problem[] {
  const problems: Problem[] = []
  const report = (code: string, severity: Problem['severity'], message: string) =>
    problems.push({ code, severity, line, message, rfc: DIALECT.rfc })
  if (fields === 0) {
    report('rua-missing', 'error', 'The record has no rua; add "rua=mailto:tls-reports@<domain>".')
  }
  if (fields > 1) {
    // spec: two rua fields are legal grammar without a defined meaning; we read the union.
    report(
      'rua-repeated',
      'warning',
      `rua is given ${fields} times, which readers take differently; write one rua with the URIs separated by commas.`,
    )
  }
  if (rua.length > SENSIBLE_URIS) {
    report(
      'rua-many',
      'warning',
      `rua names ${rua.length} URIs; some reporters use only the first or the first two. Put the most important first, or forward from one.`,
    )
  }
  if (new Set(rua.map(({ raw }) => raw)).size < rua.length) {
    report('rua-duplicate', 'info', 'The same URI stands in rua twice; remove one.')
  }
  return problems
}
