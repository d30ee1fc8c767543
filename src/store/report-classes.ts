import type { Authenticity, MailClass, Standing } from '../model/received-report.ts'
import type { Sql } from './database.ts'
import { membersOf, prepared } from './prepared.ts'
import { TOO_MANY } from './report-flood.ts'
import { doesCount } from './report-rows.ts'
import type { TouchedMails } from './report-standing.ts'

/** What became of a mail, and why. */
interface Classified {
  readonly state: MailClass
  readonly reason: string | null
}

/** The class of a mail whose reports are all new, as most are: it is written with that, and seldom corrected. */
export function probableClass(authenticity: Authenticity): Classified {
  return authenticity.trust === 'unverified'
    ? { state: 'quarantined', reason: authenticity.because }
    : { state: 'accepted', reason: null }
}

/** Gives mails with reports the best class that one of theirs has: accepted, quarantined, conflict, rejected, duplicate. */
export async function classifyMails(sql: Sql, mails: TouchedMails): Promise<void> {
  const ids = JSON.stringify([...mails])
  const standings = Map.groupBy(await standingsOfMails(sql, { ids }), ({ mail }) => mail)
  for (const row of await classedMails(sql, { ids })) {
    const { state, reason } = classOf(
      row,
      (standings.get(row.id) ?? []).map(({ standing }) => standing),
    )
    if (row.state === state && row.reason === reason) continue
    await sql.updateTable('mail').set({ state, reason }).where('id', '=', row.id).execute()
  }
}

const classedMails = prepared((sql, { ids }: { readonly ids: string }) =>
  sql
    .selectFrom('mail')
    .select(['id', 'state', 'reason', 'authenticity', 'refused'])
    .where('id', 'in', membersOf<number>(ids)),
)

const standingsOfMails = prepared((sql, { ids }: { readonly ids: string }) =>
  sql
    .selectFrom('report')
    .select(['mail', 'standing'])
    .where('mail', 'in', membersOf<number>(ids))
    .distinct(),
)

function classOf(
  { authenticity, refused }: { readonly authenticity: string | null; readonly refused: number },
  standings: readonly Standing[],
): Classified {
  const refusal = refused > 0 ? TOO_MANY : null
  if (standings.some(doesCount)) return { state: 'accepted', reason: refusal }
  if (standings.includes('quarantined')) return { state: 'quarantined', reason: distrust(authenticity) }
  if (standings.includes('conflict')) return { state: 'conflict', reason: refusal }
  // A report that was not kept is worth more notice than one that was there already.
  return { state: refusal === null ? 'duplicate' : 'rejected', reason: refusal }
}

function distrust(authenticity: string | null): string | null {
  return authenticity === null ? null : probableClass(JSON.parse(authenticity) as Authenticity).reason
}
