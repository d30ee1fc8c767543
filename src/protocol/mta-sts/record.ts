import { display } from '../../lib/display.ts'
import type { Parsed, Problem } from '../problem.ts'
import { type RecordDialect, type SelectedRecord, selectRecord } from '../select-record.ts'
import { extensionProblems, scanTagList, type Tag } from '../tag-list.ts'

/** What `_mta-sts.<domain>` says: the policy changes when, and only when, the id does. */
export interface StsRecord {
  /** 1 to 32 letters and digits; has no order, only equality. */
  readonly id: string
}

const DIALECT: RecordDialect = {
  version: 'v=STSv1',
  required: 'id',
  owner: '_mta-sts',
  standard: 'MTA-STS',
  rfc: 'RFC 8461 §3.1',
}

/**
 * Reads the TXT answer of `_mta-sts.<domain>`: one string per record, its character-strings joined. Strict, and gives all
 * problems; their `line` is the 1-based place of the record in the answer (RFC 8461 §3.1).
 */
export function parseStsRecord(records: readonly string[]): Parsed<StsRecord> {
  const { record, problems: selection } = selectRecord(records, DIALECT)
  if (record === null) return { value: null, problems: selection }
  const { tags, problems: grammar } = scanTagList(record, DIALECT)
  const ids = tags.filter(({ name }) => name === DIALECT.required)
  const problems = [...selection, ...grammar, ...idProblems(ids, record)]
  const [first] = ids
  if (first === undefined || problems.some(({ severity }) => severity === 'error'))
    return { value: null, problems }
  return { value: { id: first.value }, problems }
}

function idProblems([first, ...rest]: readonly Tag[], record: SelectedRecord): Problem[] {
  const at = { line: record.line, rfc: DIALECT.rfc }
  if (first === undefined) {
    const message =
      'The record has no id; add one, for example "id=20240131T1200;", and change it with every policy change.'
    return [{ code: 'id-missing', severity: 'error', message, ...at }]
  }
  const problems: Problem[] = []
  if (!/^[A-Za-z0-9]{1,32}$/.test(first.value)) {
    problems.push({ code: 'id-malformed', severity: 'error', message: idAdvice(first.value), ...at })
  }
  if (rest.length > 0) {
    // RFC 8461 §3.2: of a repeated field only the first counts; the others need only be legal fields.
    const message = `id is given ${rest.length + 1} times; the first one counts, yet several senders use the last or refuse the record. Keep one.`
    problems.push({
      code: 'id-repeated',
      severity: 'warning',
      line: record.line,
      message,
      rfc: 'RFC 8461 §3.2',
    })
  }
  return [...problems, ...rest.flatMap((tag) => extensionProblems(tag, record, DIALECT))]
}

function idAdvice(id: string): string {
  if (id === '') return 'The id is empty; give 1 to 32 letters and digits, for example "id=20240131T1200;".'
  const legal = id.replace(/[^A-Za-z0-9]/g, '').slice(0, 32)
  const advice = legal === '' ? '' : ` Write for example "id=${legal};".`
  return `The id "${display(id, 64)}" must be 1 to 32 letters and digits, nothing else.${advice}`
}
