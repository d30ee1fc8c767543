/** Asking for what summaries need. */
import type { UnixMs } from '../lib/time.ts'
import { CANARY_DOMAIN } from '../model/canary.ts'
import type { Change } from '../model/change.ts'
import type { Incident } from '../model/incident.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { MailClass } from '../model/received-report.ts'
import type { SubmissionState } from '../model/submission.ts'
import type { OwnReportCounts } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { canariesBetween } from './canaries.ts'
import { currentCertificates } from './current-certificates.ts'
import type { Database, Sql } from './database.ts'
import { downtimesBetween } from './downtimes.ts'
import { lookCounts } from './look-days.ts'
import type { SummaryStore } from './summary-store.ts'

/** Larger pages hold up what else waits for the database. */
const ROWS_AT_ONCE = 500

export function summaryStore(database: Database): SummaryStore {
  return {
    incidents: (since) => incidentsSince(database, since),
    changes: (since, until) => changesBetween(database, since, until),
    certificates: () => currentCertificates(database),
    policies: () => database.read(newestPolicies),
    looks: (firstDayAt, endDayAt) => database.read((sql) => lookCounts(sql, firstDayAt, endDayAt)),
    downtimes: (since, until) => database.read((sql) => downtimesBetween(sql, since, until)),
    mails: (since, until) => database.read((sql) => mailsBetween(sql, since, until)),
    canaries: (since, until) => database.read((sql) => canariesBetween(sql, since, until)),
    ownReports: (firstDayAt, endDayAt) => database.read((sql) => ownReports(sql, firstDayAt, endDayAt)),
    undelivered: (since) => database.read((sql) => undelivered(sql, since)),
  }
}

async function* incidentsSince(database: Database, since: UnixMs): AsyncIterable<Incident> {
  const numbers = await database.read((sql) => wantedIncidents(sql, since))
  for (let from = 0; from < numbers.length; from += ROWS_AT_ONCE) {
    const page = numbers.slice(from, from + ROWS_AT_ONCE)
    const rows = await database.read((sql) =>
      sql
        .selectFrom('incident')
        .select('body')
        .where('number', 'in', page)
        .where('confirmed', '=', 1)
        .orderBy('number')
        .execute(),
    )
    for (const { body } of rows) yield JSON.parse(body) as Incident
  }
}

/** Each by an index of its own: incidents are kept for ever. */
async function wantedIncidents(sql: Sql, since: UnixMs): Promise<readonly number[]> {
  const incidents = () => sql.selectFrom('incident').select('number')
  const live = await incidents()
    .where('live', '=', (literal) => literal.lit(1))
    .execute()
  const ended = await incidents().where('ended_at', '>=', since).execute()
  return [...new Set([...live, ...ended].map(({ number }) => number))].sort((a, b) => a - b)
}

async function* changesBetween(database: Database, since: UnixMs, until: UnixMs): AsyncIterable<Change> {
  let [at, id] = [since, 0]
  for (;;) {
    const [afterAt, afterId] = [at, id]
    const rows = await database.read((sql) =>
      sql
        .selectFrom('change')
        .select(['id', 'at', 'body'])
        .where((row) => row(row.refTuple('at', 'id'), '>', row.tuple(afterAt, afterId)))
        .where('at', '<', until)
        .orderBy('at')
        .orderBy('id')
        .limit(ROWS_AT_ONCE)
        .execute(),
    )
    for (const row of rows) {
      yield JSON.parse(row.body) as Change
      ;[at, id] = [row.at, row.id]
    }
    if (rows.length < ROWS_AT_ONCE) return
  }
}

async function newestPolicies(
  sql: Sql,
): Promise<readonly Pick<PolicyVersion, 'domain' | 'mode' | 'horizonAt'>[]> {
  const rows = await sql
    .selectFrom('policy_version')
    .select(['domain', 'mode', 'horizon_at'])
    // SQLite takes the other columns from the row that has the maximum.
    .select((row) => row.fn.max('last_seen_at').as('last_seen_at'))
    .groupBy('domain')
    .execute()
  return rows.map(({ domain, mode, horizon_at }) => ({
    domain: domain as DomainName,
    mode: mode as PolicyVersion['mode'],
    horizonAt: horizon_at,
  }))
}

async function mailsBetween(sql: Sql, since: UnixMs, until: UnixMs): Promise<ReadonlyMap<MailClass, number>> {
  const rows = await sql
    .selectFrom('mail')
    .select('state')
    .select((row) => row.fn.countAll<number>().as('mails'))
    .where('received_at', '>=', since)
    .where('received_at', '<', until)
    .where('state', '<>', 'attempted')
    .where((mail) => mail.or([mail('reason', 'is', null), mail('reason', '<>', 'canary')]))
    .groupBy('state')
    .execute()
  return new Map(rows.map(({ state, mails }) => [state as MailClass, mails]))
}

async function ownReports(sql: Sql, firstDayAt: UnixMs, endDayAt: UnixMs): Promise<OwnReportCounts> {
  const rows = await sql
    .selectFrom('submission')
    .select('state')
    .select((row) => row.fn.countAll<number>().as('reports'))
    .where('day_at', '>=', firstDayAt)
    .where('day_at', '<', endDayAt)
    .where('domain', '<>', CANARY_DOMAIN)
    .groupBy('state')
    .execute()
  const counts = new Map(rows.map(({ state, reports }) => [state, reports]))
  const of = (state: SubmissionState) => counts.get(state) ?? 0
  return {
    sent: of('sent'),
    waiting: of('waiting') + of('leased'),
    givenUp: of('given-up'),
    leftOut: of('left-out'),
  }
}

async function undelivered(
  sql: Sql,
  since: UnixMs,
): Promise<{ readonly givenUp: number; readonly waiting: number }> {
  const count = (row: { readonly rows: number } | undefined) => row?.rows ?? 0
  const dead = await sql
    .selectFrom('outbox')
    .select((row) => row.fn.countAll<number>().as('rows'))
    .where('state', '=', 'dead')
    .where('due_at', '>=', since)
    .executeTakeFirst()
  const open = await sql
    .selectFrom('outbox')
    .select((row) => row.fn.countAll<number>().as('rows'))
    .where('open', '=', (literal) => literal.lit(1))
    .where('attempts', '>', 0)
    .executeTakeFirst()
  return { givenUp: count(dead), waiting: count(open) }
}
