/** The statements about incidents and the steps of their lives. */
import type { UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId, Transition } from '../model/incident.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'

/** Writes each step and the state it led to. Rejects when it would give a key a second live incident. */
export async function insertTransitions(sql: Sql, transitions: readonly Transition[]): Promise<void> {
  for (const transition of transitions) {
    await upsertIncident(sql, transition.incident)
    const row = { incident: transition.incident.id, body: JSON.stringify(transition) }
    await sql.insertInto('transition').values(row).execute()
  }
}

async function upsertIncident(sql: Sql, incident: Incident): Promise<void> {
  const { phase, latest } = incident
  const state = {
    key: incident.key,
    domain: incident.domain,
    thread: incident.thread,
    code: latest.code,
    subject: latest.subject,
    phase: phase.name,
    live: isLive(phase) ? 1 : 0,
    confirmed: wasConfirmed(phase) ? 1 : 0,
    flapping: incident.flappingSince === null ? 0 : 1,
    first_seen_at: incident.firstSeenAt,
    ended_at: endedAt(phase),
    body: JSON.stringify(incident),
  }
  await sql
    .insertInto('incident')
    .values({ id: incident.id, ...state })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({
        ...state,
        confirmed: row.fn('max', ['incident.confirmed', 'excluded.confirmed']),
      })),
    )
    .execute()
}

function isLive(phase: Phase): boolean {
  return phase.name === 'suspected' || phase.name === 'open' || phase.name === 'recovering'
}

function wasConfirmed(phase: Phase): boolean {
  return phase.name !== 'suspected' && phase.name !== 'dismissed'
}

function endedAt(phase: Phase): UnixMs | null {
  if (phase.name === 'resolved') return phase.resolvedAt
  return phase.name === 'dismissed' ? phase.dismissedAt : null
}

/** Live ones, those resolved since, and those whose flapping has not been told to be over (R37). Oldest first. */
export async function rememberedIncidents(
  sql: Sql,
  domain: DomainName | null,
  resolvedSince: UnixMs,
): Promise<readonly Incident[]> {
  const rows = await incidentBodies(sql)
    .where('domain', 'is', domain)
    .where((row) =>
      row.or([
        row('live', '=', 1),
        row.and([row('phase', '=', 'resolved'), row('ended_at', '>=', resolvedSince)]),
        row.and([row('phase', '=', 'resolved'), row('flapping', '=', 1)]),
      ]),
    )
    .orderBy('number')
    .execute()
  return rows.map(readIncident)
}

/** The thread of a live incident of this cause: a confirmed one before a suspected one, then the oldest. */
export async function openThread(sql: Sql, code: FindingCode, subject: string): Promise<ThreadId | null> {
  const row = await sql
    .selectFrom('incident')
    .select('thread')
    .where('live', '=', (literal) => literal.lit(1))
    .where('code', '=', code)
    .where('subject', '=', subject)
    .orderBy((order) => order('phase', '=', 'suspected'))
    .orderBy('number')
    .limit(1)
    .executeTakeFirst()
  return (row?.thread ?? null) as ThreadId | null
}

/** All incidents of a thread, oldest first. */
export async function incidentsOfThread(sql: Sql, thread: ThreadId): Promise<readonly Incident[]> {
  const rows = await incidentBodies(sql).where('thread', '=', thread).orderBy('number').execute()
  return rows.map(readIncident)
}

/** Every live incident, oldest first. */
export async function liveIncidents(sql: Sql): Promise<readonly Incident[]> {
  const rows = await incidentBodies(sql)
    .where('live', '=', (literal) => literal.lit(1))
    .orderBy('number')
    .execute()
  return rows.map(readIncident)
}

/** The `limit` newest incidents, newest first. */
export async function recentIncidents(sql: Sql, limit: number): Promise<readonly Incident[]> {
  const rows = await incidentBodies(sql)
    .orderBy('first_seen_at', 'desc')
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map(readIncident)
}

/** By id, or by a beginning of it that only one incident has. */
export async function findIncident(sql: Sql, idPrefix: string): Promise<Incident | null> {
  if (idPrefix === '') return null
  const rows = await incidentBodies(sql)
    .where('id', '>=', idPrefix)
    .where('id', '<', `${idPrefix}\u{10ffff}`)
    .orderBy('id')
    .limit(2)
    .execute()
  const [first, second] = rows.map(readIncident)
  // Sorted, so the id itself comes before every longer one.
  return first !== undefined && (second === undefined || first.id === idPrefix) ? first : null
}

/** Every step of the domain's incidents since then, oldest first. */
export async function transitionsOfDomain(
  sql: Sql,
  domain: DomainName,
  since: UnixMs,
): Promise<readonly Transition[]> {
  const rows = await sql
    .selectFrom('transition')
    .innerJoin('incident', 'incident.id', 'transition.incident')
    .select('transition.body')
    .where('incident.domain', '=', domain)
    .where((row) => row.or([row('incident.ended_at', 'is', null), row('incident.ended_at', '>=', since)]))
    .orderBy('transition.id')
    .execute()
  return rows.map((row) => JSON.parse(row.body) as Transition).filter(({ at }) => at >= since)
}

/** The steps of an incident's life in order. */
export async function transitionsOf(sql: Sql, id: IncidentId): Promise<readonly Transition[]> {
  const rows = await sql
    .selectFrom('transition')
    .select('body')
    .where('incident', '=', id)
    .orderBy('id')
    .execute()
  return rows.map((row) => JSON.parse(row.body) as Transition)
}

function incidentBodies(sql: Sql) {
  return sql.selectFrom('incident').select('body')
}

function readIncident(row: { body: string }): Incident {
  return JSON.parse(row.body) as Incident
}
