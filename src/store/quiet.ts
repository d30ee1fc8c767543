/** The statements about acknowledgements, silences and what they hold back. */
import { sql as raw } from 'kysely'
import type { UnixMs } from '../lib/time.ts'
import type { Acknowledgement, Incident, IncidentId } from '../model/incident.ts'
import type { Silence, SilenceId } from '../model/silence.ts'
import type { Sql } from './database.ts'
import type { HeldIncident } from './store.ts'

/** Literally, because a bound value would keep SQLite from the index of held rows. */
const HELD = raw.lit('held')

/** Takes the place of an earlier one of the same incident. */
export async function upsertAcknowledgement(sql: Sql, given: Acknowledgement): Promise<void> {
  const state = { transitions: given.transitions, body: JSON.stringify(given) }
  await sql
    .insertInto('acknowledgement')
    .values({ incident: given.incident, ...state })
    .onConflict((conflict) => conflict.column('incident').doUpdateSet(state))
    .execute()
}

/** Those of live incidents that nothing was told of since. */
export async function liveAcknowledgements(sql: Sql): Promise<readonly Acknowledgement[]> {
  const rows = await sql
    .selectFrom('incident')
    .innerJoin('acknowledgement', 'acknowledgement.incident', 'incident.id')
    .select(['acknowledgement.body', 'acknowledgement.transitions', 'incident.body as of'])
    .where('incident.live', '=', (literal) => literal.lit(1))
    .orderBy('incident.number')
    .execute()
  return rows
    .filter(({ of, transitions }) => (JSON.parse(of) as Incident).transitions === transitions)
    .map(({ body }) => JSON.parse(body) as Acknowledgement)
}

export async function insertSilence(sql: Sql, silence: Silence): Promise<void> {
  await sql
    .insertInto('silence')
    .values({
      id: silence.id,
      until_at: silence.until,
      created_at: silence.createdAt,
      body: JSON.stringify(silence),
    })
    .execute()
}

/** Ends it at this instant; null when no silence of this id is in force then. */
export async function endSilence(sql: Sql, id: SilenceId, at: UnixMs): Promise<Silence | null> {
  const inForce = (await silencesInForce(sql, at)).find((silence) => silence.id === id)
  if (inForce === undefined) return null
  const ended: Silence = { ...inForce, until: at }
  await sql
    .updateTable('silence')
    .set({ until_at: at, body: JSON.stringify(ended) })
    .where('id', '=', id)
    .execute()
  return ended
}

/** Those that have not ended, oldest first. */
export async function silencesInForce(sql: Sql, at: UnixMs): Promise<readonly Silence[]> {
  const rows = await sql
    .selectFrom('silence')
    .select('body')
    .where('until_at', '>', at)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(({ body }) => JSON.parse(body) as Silence)
}

/** The incidents that have rows which are held back, oldest first, and whether anything was told of them before. */
export async function heldIncidents(sql: Sql): Promise<readonly HeldIncident[]> {
  const rows = await sql
    .selectFrom('incident')
    .select('incident.body')
    .select((row) =>
      row
        .exists(
          row
            .selectFrom('outbox as told')
            .select('told.seq')
            .whereRef('told.incident', '=', 'incident.id')
            .where('told.state', 'not in', ['held', 'dropped']),
        )
        .as('told'),
    )
    .where((row) =>
      row.exists(
        row
          .selectFrom('outbox as held')
          .select('held.seq')
          .whereRef('held.incident', '=', 'incident.id')
          .where('held.state', '=', HELD),
      ),
    )
    .orderBy('incident.number')
    .execute()
  return rows.map(({ body, told }) => ({
    incident: JSON.parse(body) as Incident,
    wasTold: Boolean(told),
  }))
}

/** Lets the held rows of an incident go, to be sent at once. */
export async function releaseHeld(sql: Sql, incident: IncidentId, now: UnixMs): Promise<void> {
  await ofHeld(sql, incident).set({ state: 'pending', open: 1, due_at: now }).execute()
}

/** They are never sent: what they would have told of is over. */
export async function dropHeld(sql: Sql, incident: IncidentId): Promise<void> {
  await ofHeld(sql, incident).set({ state: 'dropped' }).execute()
}

function ofHeld(sql: Sql, incident: IncidentId) {
  return sql.updateTable('outbox').where('incident', '=', incident).where('state', '=', HELD)
}

const REMINDED_UNTIL = 'reminded_until'

export async function remindedUntil(sql: Sql): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('meta')
    .select('value')
    .where('key', '=', REMINDED_UNTIL)
    .executeTakeFirst()
  return row === undefined ? null : Number(row.value)
}

export async function noteReminded(sql: Sql, until: UnixMs): Promise<void> {
  const value = String(until)
  await sql
    .insertInto('meta')
    .values({ key: REMINDED_UNTIL, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
