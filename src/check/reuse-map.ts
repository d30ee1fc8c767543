import type { UnixMs } from '../lib/time.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../model/tls.ts'
import { pins as isPinnedBy } from '../protocol/dane/match.ts'
import { parseTlsa } from '../protocol/dane/tlsa.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'

/** One address and port at which a host shows a certificate. */
export interface MapPlace {
  readonly host: string
  readonly address: IpAddress
  readonly port: number
}

/** Who has something in common; hosts and domains sorted, each once. */
export interface Shared {
  readonly hosts: readonly string[]
  readonly domains: readonly DomainName[]
  readonly places: readonly MapPlace[]
}

/** Hosts that show the same certificate: all of them are refused from the day it ends. */
export interface SharedCertificate extends Shared {
  readonly certificate: CertificateFacts
}

/** Hosts with the same key: when it leaks or is replaced, all change together, and their 3 1 1 records with them. */
export interface SharedKey extends Shared {
  readonly spkiSha256: string
  readonly keyType: CertificateFacts['keyType']
  readonly keyBits: number | null
  /** SHA-256 of each certificate with this key, and when it ends; the first to end before the others. */
  readonly certificates: readonly { readonly sha256: string; readonly notAfterAt: UnixMs }[]
}

/** TLSA records with the same content: when what they pin changes, all must be published anew together. */
export interface SharedPin {
  /** As in the zone: `3 1 1 ab…`. */
  readonly record: string
  readonly pins: 'certificate' | 'authority'
  readonly hosts: readonly string[]
  readonly domains: readonly DomainName[]
  /** What hosts show that it matches: the subject of the certificate. Null: nothing that was seen. */
  readonly matched: string | null
}

export interface ReuseMap {
  readonly domains: number
  readonly hosts: number
  /** When the oldest and the newest of these looks were made; null when there was none. */
  readonly looked: { readonly oldestAt: UnixMs; readonly newestAt: UnixMs } | null
  /** Each biggest first: by domains, then hosts, then places. */
  readonly certificates: readonly SharedCertificate[]
  readonly keys: readonly SharedKey[]
  readonly pins: readonly SharedPin[]
}

interface Sighting extends MapPlace {
  readonly domain: DomainName
  readonly leaf: CertificateFacts
}

/**
 * Who shares certificates, keys and TLSA records, over the newest looks at all watched domains. `about` leaves only what
 * one of these domains has a part in, with everybody else who shares it; empty: everything.
 */
export function reuseMap(snapshots: readonly Snapshot[], about: readonly DomainName[]): ReuseMap {
  const sightings = snapshots.flatMap(sightingsOf)
  const wanted = new Set(about)
  const concerns = ({ domains }: { readonly domains: readonly DomainName[] }) =>
    wanted.size === 0 || domains.some((domain) => wanted.has(domain))
  const times = snapshots.map(({ takenAt }) => takenAt)
  return {
    domains: snapshots.length,
    hosts: new Set(sightings.map(({ host }) => host)).size,
    looked: times.length === 0 ? null : { oldestAt: Math.min(...times), newestAt: Math.max(...times) },
    certificates: certificatesOf(sightings).filter(concerns).toSorted(bySize),
    keys: keysOf(sightings).filter(concerns).toSorted(bySize),
    pins: pinsOf(snapshots).filter(concerns).toSorted(bySize),
  }
}

function sightingsOf(snapshot: Snapshot): readonly Sighting[] {
  const { domain, policyHost, hosts } = snapshot
  const web = policyHost.fetches.flatMap(({ address, tls }) =>
    tls.outcome === 'seen' ? shown(domain, policyHost.name, address, 443, tls.value) : [],
  )
  return [...web, ...hosts.flatMap((host) => hostSightings(domain, host))]
}

function hostSightings(domain: DomainName, host: MxHost): readonly Sighting[] {
  const at25 = host.sessions.flatMap(({ address, smtp }) =>
    smtp.outcome === 'seen' && smtp.value.startTls.outcome === 'established'
      ? shown(domain, host.name, address, 25, smtp.value.startTls.tls)
      : [],
  )
  const others = host.faces.flatMap(({ address, port, look }) =>
    look.outcome === 'seen' && look.value.outcome === 'shown'
      ? shown(domain, host.name, address, port, look.value.tls)
      : [],
  )
  return [...at25, ...others]
}

function shown(
  domain: DomainName,
  host: string,
  address: IpAddress,
  port: number,
  { chain }: TlsFacts,
): readonly Sighting[] {
  const [leaf] = chain
  return leaf === undefined ? [] : [{ domain, host, address, port, leaf }]
}

function certificatesOf(sightings: readonly Sighting[]): readonly SharedCertificate[] {
  const groups = Map.groupBy(sightings, ({ leaf }) => leaf.sha256)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ certificate: first.leaf, ...sharedBy(group) }]
  })
}

function keysOf(sightings: readonly Sighting[]): readonly SharedKey[] {
  const groups = Map.groupBy(sightings, ({ leaf }) => leaf.spkiSha256)
  return [...groups].flatMap(([spkiSha256, group]) => {
    const [first] = group
    if (first === undefined) return []
    const certificates = new Map(group.map(({ leaf }) => [leaf.sha256, leaf.notAfterAt]))
    const { keyType, keyBits } = first.leaf
    return [
      {
        spkiSha256,
        keyType,
        keyBits,
        certificates: [...certificates]
          .map(([sha256, notAfterAt]) => ({ sha256, notAfterAt }))
          .toSorted((one, other) => one.notAfterAt - other.notAfterAt),
        ...sharedBy(group),
      },
    ]
  })
}

function sharedBy(group: readonly Sighting[]): Shared {
  const places = new Map(
    group.map(({ host, address, port }) => [`${host} ${address} ${port}`, { host, address, port }]),
  )
  return {
    hosts: sorted(group.map(({ host }) => host)),
    domains: sorted(group.map(({ domain }) => domain)),
    places: [...places.values()],
  }
}

function pinsOf(snapshots: readonly Snapshot[]): readonly SharedPin[] {
  const all = snapshots.flatMap(({ domain, hosts }) =>
    hosts.flatMap((host) =>
      host.tlsa.outcome === 'seen'
        ? host.tlsa.value.records.map((record) => ({ domain, host, record: record.toLowerCase() }))
        : [],
    ),
  )
  return [...Map.groupBy(all, ({ record }) => record)].map(([record, group]): SharedPin => {
    const pin = parseTlsa(record)
    const chains = group.flatMap(({ host }) => chainsAt25(host))
    const match = pin === null ? undefined : chains.flat().find((one) => isPinnedBy(pin, one))
    return {
      record,
      pins: pin?.usage === 0 || pin?.usage === 2 ? 'authority' : 'certificate',
      hosts: sorted(group.map(({ host }) => host.name)),
      domains: sorted(group.map(({ domain }) => domain)),
      matched: match?.subject ?? null,
    }
  })
}

function chainsAt25({ sessions, faces }: MxHost): readonly (readonly CertificateFacts[])[] {
  const ordinary = sessions.flatMap(({ smtp }) =>
    smtp.outcome === 'seen' && smtp.value.startTls.outcome === 'established'
      ? [smtp.value.startTls.tls.chain]
      : [],
  )
  const second = faces.flatMap(({ port, look }) =>
    port === 25 && look.outcome === 'seen' && look.value.outcome === 'shown' ? [look.value.tls.chain] : [],
  )
  return [...ordinary, ...second]
}

function sorted<T extends string>(names: readonly T[]): readonly T[] {
  return [...new Set(names)].toSorted()
}

interface Sized {
  readonly domains: readonly string[]
  readonly hosts: readonly string[]
}

function bySize(one: Sized, other: Sized): number {
  return other.domains.length - one.domains.length || other.hosts.length - one.hosts.length
}
