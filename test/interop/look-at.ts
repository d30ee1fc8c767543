import { type JudgeContext, judge } from '../../src/check/judge.ts'
import type { WatchedDomain } from '../../src/config/watch-config.ts'
import { systemClock } from '../../src/lib/time.ts'
import type { Resolver } from '../../src/model/dns.ts'
import type { Judgement } from '../../src/model/finding.ts'
import type { Endpoint, Route } from '../../src/model/route.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { createAddressGuard } from '../../src/probe/address-guard.ts'
import { createProbe } from '../../src/probe/domain.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { createNameServers } from '../../src/probe/name-servers.ts'
import { createNetwork } from '../../src/probe/network.ts'
import { context, watched } from '../unit/check/snapshot-builder.ts'
import { LAB_ADDRESSES, nameOf } from '../unit/probe/lab-probe.ts'

export interface RealWorld {
  readonly resolver: Resolver
  /** `address port`, as the probe dials it, to where the real server listens; all else refuses. */
  readonly servers: Readonly<Record<string, Endpoint>>
  readonly roots: readonly string[]
}

export interface Look {
  readonly snapshot: Snapshot
  readonly judgement: Judgement
  /** The codes of all findings whose code begins so, sorted. */
  codes(prefix: string): readonly string[]
}

/** One look of the product's own probe, with its own limits, at a domain whose servers are real, and the judgement. */
export async function lookAt(
  world: RealWorld,
  domain: string,
  more: Partial<JudgeContext> = {},
  keys: Partial<WatchedDomain> = {},
): Promise<Look> {
  const guard = createAddressGuard([...LAB_ADDRESSES, '127.0.0.0/8'])
  const route: Route = (address, port) => world.servers[`${address} ${port}`] ?? 'refused'
  const probe = createProbe({
    clock: systemClock,
    newId: (prefix) => `${prefix}_1`,
    resolver: world.resolver,
    network: createNetwork({ guard, route }),
    nameServers: createNameServers({ guard, route, limits: DEFAULT_LIMITS.dns }),
    limits: DEFAULT_LIMITS,
    ehloName: 'probe.example.org',
    roots: world.roots,
  })
  const name = nameOf(domain)
  const wanted = watched({ ...keys, name })
  const snapshot = await probe.domain(name, 0, new AbortController().signal, wanted)
  const judgement = judge(snapshot, wanted, context({ now: systemClock.now(), ...more }))
  const codes = judgement.findings.map((finding) => finding.code)
  return {
    snapshot,
    judgement,
    codes: (prefix) => codes.filter((code) => code.startsWith(prefix)).sort(),
  }
}
