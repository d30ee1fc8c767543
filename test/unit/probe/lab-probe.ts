import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts'
import type { World } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { Resolver } from '../../../src/model/dns.ts'
import type { Route } from '../../../src/model/route.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import { createAddressGuard } from '../../../src/probe/address-guard.ts'
import { createProbe } from '../../../src/probe/domain.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../../../src/probe/limits.ts'
import { createNameServers } from '../../../src/probe/name-servers.ts'
import { createNetwork } from '../../../src/probe/network.ts'
import type { Probe } from '../../../src/probe/probe.ts'
import { createResolver } from '../../../src/probe/resolver.ts'
import { type DomainName, parseDomainName } from '../../../src/protocol/domain-name.ts'

/** The product's limits with waits that a test can afford. */
export const QUICK: ProbeLimits = {
  ...DEFAULT_LIMITS,
  dns: { ...DEFAULT_LIMITS.dns, tryMs: 500, totalMs: 5_000 },
  connectMs: 1_000,
  handshakeMs: 2_000,
  smtp: {
    ...DEFAULT_LIMITS.smtp,
    greetingMs: 2_000,
    commandMs: 2_000,
    quitMs: 300,
    totalMs: 9_000,
    atOnce: 40,
  },
  https: { ...DEFAULT_LIMITS.https, totalMs: 3_000, atOnce: 40 },
  counts: { ...DEFAULT_LIMITS.counts, mxHosts: 40 },
}

/** What the lab calls its own: nobody real can be meant. */
export const LAB_ADDRESSES = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32']

export interface LabProbe extends AsyncDisposable {
  readonly lab: Lab
  readonly probe: Probe
  readonly resolver: Resolver
  /** One whole look with no patience for old ones. */
  look(domain: string, maxHostAgeMs?: number): Promise<Snapshot>
}

export interface LabProbeOptions {
  readonly limits: ProbeLimits
  readonly lab: LabOptions
  readonly allow: readonly string[]
  /** Sees every destination that is about to be dialled. */
  readonly dialled: (address: string, port: number) => void
  readonly wrapResolver: (resolver: Resolver) => Resolver
}

/** A probe that sees nothing but a fresh lab with this world. */
export async function startLabProbe(world: World, options: Partial<LabProbeOptions> = {}): Promise<LabProbe> {
  const { limits = QUICK, allow = LAB_ADDRESSES, dialled, wrapResolver = (resolver) => resolver } = options
  const lab = await startLab(world, options.lab)
  const servers = lab.resolvers.map(({ host, port }) => ({ address: host, port, trusted: true }))
  const resolver = wrapResolver(createResolver({ servers, clock: systemClock, limits: limits.dns }))
  const route: Route = (address, port) => {
    dialled?.(address, port)
    return lab.route(address, port)
  }
  const guard = createAddressGuard(allow)
  let ids = 0
  const probe = createProbe({
    clock: systemClock,
    newId: (prefix) => {
      ids += 1
      return `${prefix}_${ids}`
    },
    resolver,
    network: createNetwork({ guard, route }),
    nameServers: createNameServers({ guard, route, limits: limits.dns }),
    limits,
    ehloName: 'probe.example.org',
    roots: [lab.caPem],
  })
  return {
    lab,
    probe,
    resolver,
    look: (domain, maxHostAgeMs = 0) =>
      probe.domain(nameOf(domain), maxHostAgeMs, new AbortController().signal),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

export function nameOf(text: string): DomainName {
  const name = parseDomainName(text)
  if (name === null) throw new Error(`${text} is no domain name`)
  return name
}

/** The host of that name in a snapshot. */
export function hostIn(snapshot: Snapshot, name: string): MxHost {
  const host = snapshot.hosts.find((one) => one.name === name)
  if (host === undefined) throw new Error(`${name} is not among ${snapshot.hosts.map((one) => one.name)}`)
  return host
}

/** Everything a domain needs beside its mail hosts is left out. */
export function mailDomain(exchanges: readonly string[]) {
  return {
    mx: exchanges.map((exchange, index) => ({ preference: 10 + index, exchange })),
    policy: null,
    stsRecord: [],
    tlsrptRecord: [],
  }
}
