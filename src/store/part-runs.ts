import type { UnixMs } from '../lib/time.ts'
import type { Observation } from '../model/observation.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import type { Leaf } from './snapshot-parts.ts'

/** One answer of a host, as looks at a domain saw it from then on. */
export interface HostRun {
  /** Null: its TLSA records; else what it presented at this address. */
  readonly address: string | null
  /** Presented in the session that was made for DANE. */
  readonly isForDane: boolean
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
  const parts = new Map<string, Pick<HostRun, 'address' | 'isForDane'>>([
    [`host.tlsa ${host}`, { address: null, isForDane: false }],
    ...addresses.flatMap((address) => [
      [`host.session ${host} ${address}`, { address, isForDane: false }] as const,
      [`host.dane ${host} ${address}`, { address, isForDane: true }] as const,
    ]),
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
  return rows.flatMap(({ name, first_at: firstAt, body }) => {
    const part = parts.get(name)
    return part === undefined
      ? []
      : [{ ...part, firstAt, observation: (JSON.parse(body) as Leaf).observation }]
  })
}
