import { sql as text } from 'kysely'
import type { Sql } from './database.ts'
import type { NewReport } from './report-store.ts'

/** Of the reports that one transaction writes, which meet others; asked once, for most meet none. */
export interface KnownReports {
  /** False only when no report of this identity is kept. */
  hasIdentity(identity: string): boolean
  /** False only when no report of this content is kept. */
  hasContent(content: string): boolean
  /** One more is kept. */
  add(report: NewReport): void
}

/** `reports`: those that are to be written, the only ones that may be asked about. */
export async function knownReports(sql: Sql, reports: readonly NewReport[]): Promise<KnownReports> {
  const identities = await keptOf(
    sql,
    'identity',
    reports.map(({ identity }) => identity),
  )
  const contents = await keptOf(
    sql,
    'content_sha256',
    reports.map(({ contentSha256 }) => contentSha256),
  )
  return {
    hasIdentity: (identity) => identities.has(identity),
    hasContent: (content) => contents.has(content),
    add: ({ identity, contentSha256 }) => {
      identities.add(identity)
      contents.add(contentSha256)
    },
  }
}

/** One look per value: of a flood of one content the rest is not read. */
async function keptOf(
  sql: Sql,
  column: 'identity' | 'content_sha256',
  values: readonly string[],
): Promise<Set<string>> {
  const { rows } = await text<{ value: string }>`
    select value from json_each(${JSON.stringify(values)})
    where exists (select 1 from report where ${text.ref(column)} = value)`.execute(sql)
  return new Set(rows.map(({ value }) => value))
}
