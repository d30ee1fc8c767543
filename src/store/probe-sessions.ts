/** The statements about what our own looks saw, as a sending MTA would count it. */
import { canonicalJson } from '../lib/canonical-json.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { CountedSession, ProbeSession } from '../model/probe-session.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'

/** Counts the sessions of one look to its UTC day. */
export async function countSessions(
  sql: Sql,
  domain: DomainName,
  at: UnixMs,
  sessions: readonly ProbeSession[],
): Promise<void> {
  const dayAt = at - (at % DAY_MS)
  for (const session of sessions) {
    await sql
      .insertInto('probe_session')
      .values({ domain, day_at: dayAt, body: canonicalJson(session), sessions: 1 })
      .onConflict((conflict) =>
        conflict.columns(['domain', 'day_at', 'body']).doUpdateSet((row) => ({
          sessions: row('probe_session.sessions', '+', 1),
        })),
      )
      .execute()
  }
}

export async function sessionsOf(
  sql: Sql,
  domain: DomainName,
  dayAt: UnixMs,
): Promise<readonly CountedSession[]> {
  const rows = await sql
    .selectFrom('probe_session')
    .select(['body', 'sessions'])
    .where('domain', '=', domain)
    .where('day_at', '=', dayAt)
    .orderBy('body')
    .execute()
  return rows.map(({ body, sessions }) => ({ ...(JSON.parse(body) as ProbeSession), sessions }))
}
