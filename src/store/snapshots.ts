/** The statements about looks. See snapshot-parts.ts for what a part is. */
import type { UnixMs } from '../lib/time.ts'
import type { Snapshot, SnapshotId } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { type Part, putTogether, type StoredPart, stateHash, takeApart } from './snapshot-parts.ts'

/** Remembers a look. One that saw what the last one saw changes a single row. */
export async function insertLook(sql: Sql, snapshot: Snapshot): Promise<void> {
  const parts = takeApart(snapshot)
  const state = stateHash(parts)
  if (await extendLook(sql, snapshot, state)) return
  const before = await findWatched(sql, snapshot.domain)
  const watched = await upsertWatched(sql, snapshot, state)
  const open = await openRuns(sql, watched.id)
  const unchanged = (part: Part) => open.get(part.name)?.hash.equals(part.hash) ?? false
  const fresh = parts.filter((part) => !unchanged(part))
  const kept = new Set(parts.filter(unchanged).map((part) => part.name))
  const ended = [...open].filter(([name]) => !kept.has(name)).map(([, run]) => run.part)
  if (before !== null && ended.length > 0) await closeRuns(sql, before, ended)
  if (fresh.length > 0) await openNewRuns(sql, watched, fresh)
}

async function extendLook(sql: Sql, snapshot: Snapshot, state: Buffer): Promise<boolean> {
  const result = await sql
    .updateTable('watched')
    .set((row) => ({ last_at: snapshot.takenAt, snapshot: snapshot.id, looks: row('looks', '+', 1) }))
    .where('domain', '=', snapshot.domain)
    .where('state', '=', state)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

async function upsertWatched(sql: Sql, snapshot: Snapshot, state: Buffer): Promise<Watched> {
  const at = snapshot.takenAt
  return sql
    .insertInto('watched')
    .values({
      domain: snapshot.domain,
      snapshot: snapshot.id,
      state,
      first_at: at,
      last_at: at,
      looks: 1,
    })
    .onConflict((conflict) =>
      conflict.column('domain').doUpdateSet((row) => ({
        snapshot: snapshot.id,
        state,
        last_at: at,
        looks: row('watched.looks', '+', 1),
      })),
    )
    .returning(['id', 'snapshot', 'first_at', 'last_at', 'looks'])
    .executeTakeFirstOrThrow()
}

async function openRuns(sql: Sql, watched: number): Promise<Map<string, { part: number; hash: Buffer }>> {
  const rows = await sql
    .selectFrom('look')
    .innerJoin('part', 'part.id', 'look.part')
    .innerJoin('content', 'content.id', 'look.content')
    .select(['part.name', 'look.part', 'content.hash'])
    .where('look.watched', '=', watched)
    .where('look.last_look', 'is', null)
    .execute()
  return new Map(rows.map(({ name, part, hash }) => [name, { part, hash: Buffer.from(hash) }]))
}

async function closeRuns(sql: Sql, before: Watched, parts: readonly number[]): Promise<void> {
  await sql
    .updateTable('look')
    .set({ last_look: before.looks, last_at: before.last_at })
    .where('watched', '=', before.id)
    .where('last_look', 'is', null)
    .where('part', 'in', parts)
    .execute()
}

async function openNewRuns(sql: Sql, watched: Watched, parts: readonly Part[]): Promise<void> {
  const contents = await contentIds(sql, parts)
  const names = await partIds(
    sql,
    parts.map((part) => part.name),
  )
  const rows = parts.map((part) => ({
    watched: watched.id,
    part: known(names, part.name),
    first_look: watched.looks,
    first_at: watched.last_at,
    last_look: null,
    last_at: null,
    answered: part.answered ? 1 : 0,
    content: known(contents, part.hash.toString('hex')),
  }))
  await sql.insertInto('look').values(rows).execute()
}

async function contentIds(sql: Sql, parts: readonly Part[]): Promise<ReadonlyMap<string, number>> {
  await sql
    .insertInto('content')
    .values(parts.map(({ hash, leaf }) => ({ hash, body: JSON.stringify(leaf) })))
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
  const hashes = parts.map((part) => part.hash)
  const rows = await sql.selectFrom('content').select(['id', 'hash']).where('hash', 'in', hashes).execute()
  return new Map(rows.map(({ id, hash }) => [Buffer.from(hash).toString('hex'), id]))
}

async function partIds(sql: Sql, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  await sql
    .insertInto('part')
    .values(names.map((name) => ({ name })))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const rows = await sql.selectFrom('part').select(['id', 'name']).where('name', 'in', names).execute()
  return new Map(rows.map(({ id, name }) => [name, id]))
}

function known(ids: ReadonlyMap<string, number>, key: string): number {
  const id = ids.get(key)
  if (id === undefined) throw new Error(`A row that was just written is not there: ${key}`)
  return id
}

/** How a domain stands: its row without the state. */
export interface Watched {
  readonly id: number
  readonly snapshot: string
  readonly first_at: UnixMs
  readonly last_at: UnixMs
  readonly looks: number
}

export async function findWatched(sql: Sql, domain: DomainName): Promise<Watched | null> {
  const row = await sql
    .selectFrom('watched')
    .select(['id', 'snapshot', 'first_at', 'last_at', 'looks'])
    .where('domain', '=', domain)
    .executeTakeFirst()
  return row ?? null
}

/** What the last look saw. */
export async function latestSnapshot(sql: Sql, domain: DomainName): Promise<Snapshot | null> {
  const watched = await findWatched(sql, domain)
  if (watched === null) return null
  const frame = { id: watched.snapshot as SnapshotId, domain, takenAt: watched.last_at }
  const runs = await currentRuns(sql, watched)
  return putTogether(frame, (name) => runs.get(name) ?? null)
}

/** The newest answer of every part; a part that never answered as it was last looked at. */
export async function latestAnswered(sql: Sql, domain: DomainName): Promise<Snapshot | null> {
  const watched = await findWatched(sql, domain)
  if (watched === null) return null
  const frame = { id: watched.snapshot as SnapshotId, domain, takenAt: watched.last_at }
  const runs = await currentRuns(sql, watched)
  const answered = new Map([...runs].filter(([, run]) => run.answered))
  return assemble(frame, answered, async (names) => {
    const answers = await newestRuns(sql, watched, names, { answeredOnly: true, asOf: null })
    const others = await newestRuns(sql, watched, names, { answeredOnly: false, asOf: null })
    return new Map([...others, ...answers])
  })
}

/** The state as known at an instant; null before the first look. */
export async function snapshotAt(sql: Sql, domain: DomainName, at: UnixMs): Promise<Snapshot | null> {
  const watched = await findWatched(sql, domain)
  if (watched === null || at < watched.first_at) return null
  const takenAt = Math.min(at, watched.last_at)
  const frame = { id: `${domain}@${takenAt}` as SnapshotId, domain, takenAt }
  return assemble(frame, new Map(), (names) =>
    newestRuns(sql, watched, names, { answeredOnly: false, asOf: at }),
  )
}

/** Asks for the parts that the parts already known name, until none is missing. */
async function assemble(
  frame: Pick<Snapshot, 'id' | 'domain' | 'takenAt'>,
  start: ReadonlyMap<string, StoredPart>,
  ask: (names: readonly string[]) => Promise<ReadonlyMap<string, StoredPart>>,
): Promise<Snapshot> {
  const found = new Map<string, StoredPart | null>(start)
  for (;;) {
    const missing = new Set<string>()
    const snapshot = putTogether(frame, (name) => {
      if (!found.has(name)) missing.add(name)
      return found.get(name) ?? null
    })
    if (missing.size === 0) return snapshot
    const answers = await ask([...missing])
    for (const name of missing) found.set(name, answers.get(name) ?? null)
  }
}

async function currentRuns(sql: Sql, watched: Watched) {
  const rows = await sql
    .selectFrom('look')
    .innerJoin('part', 'part.id', 'look.part')
    .innerJoin('content', 'content.id', 'look.content')
    .select(['part.name', 'content.body', 'look.answered'])
    .where('look.watched', '=', watched.id)
    .where('look.last_look', 'is', null)
    .execute()
  return new Map(
    rows.map(({ name, body, answered }) => [name, { body, at: watched.last_at, answered: answered === 1 }]),
  )
}

interface RunChoice {
  readonly answeredOnly: boolean
  /** Only runs that had begun by then; null for any. */
  readonly asOf: UnixMs | null
}

async function newestRuns(
  sql: Sql,
  watched: Watched,
  names: readonly string[],
  choice: RunChoice,
): Promise<ReadonlyMap<string, StoredPart>> {
  const asOf = choice.asOf ?? Number.MAX_SAFE_INTEGER
  const rows = await sql
    .selectFrom('part')
    .innerJoin('look', (join) => join.onRef('look.part', '=', 'part.id').on('look.watched', '=', watched.id))
    .innerJoin('content', 'content.id', 'look.content')
    .select(['part.name', 'content.body', 'look.last_at'])
    .where('part.name', 'in', names)
    .where('look.first_look', '=', (query) =>
      query
        .selectFrom('look as newer')
        .select((row) => row.fn.max('newer.first_look').as('first_look'))
        .where('newer.watched', '=', watched.id)
        .whereRef('newer.part', '=', 'part.id')
        .where('newer.first_at', '<=', asOf)
        .$if(choice.answeredOnly, (only) => only.where('newer.answered', '=', 1)),
    )
    .execute()
  return new Map(
    rows.map(({ name, body, last_at }) => [name, { body, at: Math.min(last_at ?? watched.last_at, asOf) }]),
  )
}

/** When each domain was last looked at. */
export async function lastLooks(sql: Sql): Promise<ReadonlyMap<DomainName, UnixMs>> {
  const rows = await sql.selectFrom('watched').select(['domain', 'last_at']).execute()
  return new Map(rows.map(({ domain, last_at }) => [domain as DomainName, last_at]))
}
