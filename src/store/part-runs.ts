import type { UnixMs } from '../lib/time.ts'
import type { Observation } from '../model/observation.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import type { Leaf } from './snapshot-parts.ts'

/** One answer of a host, as looks at a domain saw it from then on. */
export interface HostRun {
  /** Null: its TLSA records; else what it presented at this address. */
  readonly address: string | null
  readonly firstAt: UnixMs
  readonly observation: Observation<unknown>
}

/** See SnapshotStore.hostRuns. */
export async function hostRuns(
  sql: Sql,
  domain: DomainName,
  host: string,
  addresses: readonly string[],
): Promise<readonly HostRun[]> {
  const parts = new Map<string, string | null>([
    [`host.tlsa ${host}`, null],
    ...addresses.map((address) => [`host.session ${host} ${address}`, address] as const),
  ])
  const rows = await sql
    .selectFrom('look')
    .innerJoin('watched', 'watched.id', 'look.watched')
    .innerJoin('part', 'part.id', 'look.part')
    .innerJoin('content', 'content.id', 'look.content')
    .select(['part.name', 'look.first_at', 'content.body'])
    .where('watched.domain', '=', domain)
    .where('part.name', 'in', [...parts.keys()])
    .where('look.answered', '=', 1)
    .orderBy('look.first_look')
    .orderBy('part.name')
    .execute()
  return rows.map((row) => ({
    address: parts.get(row.name) ?? null,
    firstAt: row.first_at,
    observation: (JSON.parse(row.body) as Leaf).observation,
  }))
}
