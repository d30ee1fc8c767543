import type { StagedRollover } from '../check/facts.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import { type HostHistory, NO_HISTORY, type Run, type SeenTlsa } from '../model/rollover.ts'
import type { SmtpSession, Snapshot } from '../model/snapshot.ts'
import type { SnapshotStore } from '../store/store.ts'

/**
 * The MX hosts of a look whose key is about to change, with what earlier looks of the domain saw of them. It asks nothing of the
 * store when there is none.
 */
export async function stagedRollovers(
  snapshot: Snapshot,
  { stagedKeys }: Pick<WatchConfig, 'stagedKeys'>,
  store: Pick<SnapshotStore, 'hostRuns'> | null,
): Promise<ReadonlyMap<string, StagedRollover>> {
  const rollovers = new Map<string, StagedRollover>()
  for (const { name, sessions } of snapshot.hosts) {
    const staged = stagedKeys.get(name)
    if (staged === undefined) continue
    const addresses = sessions.map(({ address }) => address)
    const runs = store === null ? [] : await store.hostRuns(snapshot.domain, name, addresses)
    rollovers.set(name, { staged, history: runs.length === 0 ? NO_HISTORY : historyOf(runs) })
  }
  return rollovers
}

type Runs = Awaited<ReturnType<SnapshotStore['hostRuns']>>

function historyOf(runs: Runs): HostHistory {
  const tlsa = runs.flatMap(({ address, firstAt, observation }) =>
    address === null ? tlsaRun(firstAt, observation as Observation<DnsAnswer<readonly string[]>>) : [],
  )
  // Where a session is made for DANE it is the one that counts.
  const withDane = new Set(runs.filter(({ isForDane }) => isForDane).map(({ address }) => address))
  const keys = new Map<string, Run<string>[]>()
  for (const { address, isForDane, firstAt, observation } of runs) {
    if (address === null || isForDane !== withDane.has(address)) continue
    const key = keyOf(observation as Observation<SmtpSession>)
    if (key !== null) keys.set(address, [...(keys.get(address) ?? []), { firstAt, value: key }])
  }
  return { tlsa, keys }
}

function tlsaRun(
  firstAt: number,
  observation: Observation<DnsAnswer<readonly string[]>>,
): readonly Run<SeenTlsa>[] {
  if (observation.outcome === 'absent') return [{ firstAt, value: { records: [], ttlSeconds: null } }]
  if (observation.outcome !== 'seen') return []
  const { records, ttlSeconds } = observation.value
  return [{ firstAt, value: { records, ttlSeconds } }]
}

function keyOf(observation: Observation<SmtpSession>): string | null {
  if (observation.outcome !== 'seen' || observation.value.startTls.outcome !== 'established') return null
  return observation.value.startTls.tls.chain[0]?.spkiSha256 ?? null
}
