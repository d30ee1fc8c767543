/** Who reports, and on how many days (S20). */
import type { Insertable } from 'kysely'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { ReporterHistory } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { prepared } from './prepared.ts'
import type { Schema } from './schema.ts'

/** What a report is filed under when the operator admitted it although it names nobody (RFC 2606 §2). */
export const NOBODY = 'unknown.invalid' as DomainName

/** The reporter that a row's sender is shown as. */
export function reporterOf(sender: string): DomainName {
  return sender === '' ? NOBODY : (sender as DomainName)
}

/** Midnight UTC of the day of an instant. */
export function dayOf(at: UnixMs): UnixMs {
  return Math.floor(at / DAY_MS) * DAY_MS
}

/**
 * One report more (1) or less (-1) that counts. The day is that of its arrival: a sender can claim any three days in one
 * hour, but cannot arrive on them.
 */
export async function countReporterDay(
  sql: Sql,
  sender: string,
  receivedAt: UnixMs,
  by: 1 | -1,
): Promise<void> {
  const day = { reporter: reporterOf(sender), day_at: dayOf(receivedAt) }
  await addToDay(sql, { ...day, reports: by })
  if (by === 1) return
  await sql
    .deleteFrom('reporter_day')
    .where('reporter', '=', day.reporter)
    .where('day_at', '=', day.day_at)
    .where('reports', '<=', 0)
    .execute()
}

const addToDay = prepared((sql, row: Insertable<Schema['reporter_day']>) =>
  sql
    .insertInto('reporter_day')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['reporter', 'day_at']).doUpdateSet((kept) => ({
        reports: kept('reporter_day.reports', '+', kept.ref('excluded.reports')),
      })),
    ),
)

/** Whether reports of it that count have arrived on so many days. */
export async function hasReportedOnDays(sql: Sql, reporter: DomainName, days: number): Promise<boolean> {
  return (await someDays(sql, { reporter, days })).length >= days
}

const someDays = prepared(
  (sql, { reporter, days }: { readonly reporter: DomainName; readonly days: number }) =>
    sql.selectFrom('reporter_day').select('day_at').where('reporter', '=', reporter).limit(days),
)

/** The history of those of `names` that have one. */
export async function reporterHistories(
  sql: Sql,
  names: readonly DomainName[],
): Promise<ReadonlyMap<DomainName, ReporterHistory>> {
  const histories = new Map<DomainName, ReporterHistory>()
  for (const reporter of new Set(names)) {
    const row = await sql
      .selectFrom('reporter_day')
      .select((day) => [
        day.fn.countAll<number>().as('days'),
        day.fn.min('day_at').as('first'),
        day.fn.max('day_at').as('last'),
      ])
      .where('reporter', '=', reporter)
      .executeTakeFirstOrThrow()
    if (row.days === 0) continue
    histories.set(reporter, { reporter, days: row.days, firstDayAt: row.first, lastDayAt: row.last })
  }
  return histories
}
