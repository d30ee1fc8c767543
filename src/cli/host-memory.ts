import type { StagedRollover } from '../check/facts.ts'
import { chainAt } from '../check/rollover.ts'
import type { UnixMs } from '../lib/time.ts'
import type { HostHistory, Run } from '../model/rollover.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { IpAddress } from '../protocol/ip-address.ts'

/** What a watch saw itself of one mail host, for what the store does not know, or not yet. */
export class HostMemory {
  readonly #tlsa: HostHistory['tlsa'][number][] = []
  readonly #keys = new Map<IpAddress, Run<string>[]>()

  /** Takes in a look; only what differs from the one before begins a run. */
  note({ tlsa, sessions }: MxHost): void {
    if (tlsa.outcome === 'seen' || tlsa.outcome === 'absent') {
      const records = tlsa.outcome === 'seen' ? tlsa.value.records : []
      const last = this.#tlsa.at(-1)?.value.records
      const ttlSeconds = tlsa.outcome === 'seen' ? tlsa.value.ttlSeconds : null
      if (last?.toSorted().join() !== records.toSorted().join()) {
        this.#tlsa.push({ firstAt: tlsa.at, value: { records, ttlSeconds } })
      }
    }
    for (const session of sessions) {
      const [leaf] = chainAt(session) ?? []
      const at = session.smtp.outcome === 'skipped' ? null : session.smtp.at
      if (leaf !== undefined && at !== null) this.#noteKey(session.address, at, leaf.spkiSha256)
    }
  }

  #noteKey(address: IpAddress, at: UnixMs, key: string): void {
    const runs = this.#keys.get(address) ?? []
    if (runs.at(-1)?.value !== key) this.#keys.set(address, [...runs, { firstAt: at, value: key }])
  }

  /** The history of the store with what was seen here, oldest first. */
  joined({ history }: Pick<StagedRollover, 'history'>): HostHistory {
    const keys = new Map(history.keys)
    for (const [address, runs] of this.#keys)
      keys.set(address, byTime([...(keys.get(address) ?? []), ...runs]))
    return { tlsa: byTime([...history.tlsa, ...this.#tlsa]), keys }
  }
}

function byTime<T>(runs: readonly Run<T>[]): readonly Run<T>[] {
  return runs.toSorted((one, other) => one.firstAt - other.firstAt)
}
