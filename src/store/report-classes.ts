import type { Authenticity, MailClass } from '../model/received-report.ts'
import type { Sql } from './database.ts'
import { TOO_MANY } from './report-flood.ts'
import { doesCount } from './report-rows.ts'
import { reportsOfMail } from './report-standing.ts'

/** Gives a mail with reports the best class that one of them has: accepted, quarantined, conflict, rejected, duplicate. */
export async function classifyMail(sql: Sql, mail: number): Promise<void> {
  const row = await sql
    .selectFrom('mail')
    .select(['authenticity', 'refused'])
    .where('id', '=', mail)
    .executeTakeFirstOrThrow()
  const standings = (await reportsOfMail(sql, mail)).map(({ standing }) => standing)
  const refusal = row.refused > 0 ? TOO_MANY : null
  const state = bestClass()
  const reason = state === 'quarantined' ? distrust(row.authenticity) : refusal
  await sql.updateTable('mail').set({ state, reason }).where('id', '=', mail).execute()

  function bestClass(): MailClass {
    if (standings.some(doesCount)) return 'accepted'
    if (standings.includes('quarantined')) return 'quarantined'
    if (standings.includes('conflict')) return 'conflict'
    // A report that was not kept is worth more notice than one that was there already.
    return refusal === null ? 'duplicate' : 'rejected'
  }
}

function distrust(authenticity: string | null): string | null {
  if (authenticity === null) return null
  const read = JSON.parse(authenticity) as Authenticity
  return read.trust === 'unverified' ? read.because : null
}
