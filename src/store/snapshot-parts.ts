/** A snapshot taken apart into what is stored once and shared, and put together again. */
import { hash } from 'node:crypto'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { UnixMs } from '../lib/time.ts'
import type { DnsAnswer, MxRecord } from '../model/dns.ts'
import type { HostFace } from '../model/host-face.ts'
import type { Observation } from '../model/observation.ts'
import type {
  MxHost,
  MxSession,
  PolicyFetch,
  PolicyHostLook,
  RuaDomainLook,
  Snapshot,
} from '../model/snapshot.ts'
import type { ZoneLook } from '../model/zone-look.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import {
  dnsIdentity,
  httpIdentity,
  isAnswer,
  isSessionAnswer,
  observationIdentity,
  sessionIdentity,
  zoneIdentity,
} from './snapshot-identity.ts'

/** One observation of a snapshot. */
export interface Part {
  /** Unique within a domain: `mx`, `host.session mx1.example.com 192.0.2.1`. */
  readonly name: string
  /** SHA-256 of the identity: equal for equal content of one owner, whenever it was seen. */
  readonly hash: Buffer
  /** Seen or authoritatively absent: something that later looks can be compared with. */
  readonly answered: boolean
  /** What is stored, as JSON. */
  readonly leaf: Leaf
}

/** An observation, and what was looked at next because of it. */
export interface Leaf {
  readonly observation: Observation<unknown>
  readonly next: unknown
}

type FaceOutline = Pick<HostFace, 'address' | 'port' | 'keys'>
interface HostNext {
  readonly sessions: readonly IpAddress[]
  readonly faces: readonly FaceOutline[]
}

type HostOutline = Pick<MxHost, 'name' | 'preference' | 'source' | 'target'>

/** Every observation of the snapshot as a part; equal names (a host listed twice) appear once. */
export function takeApart(snapshot: Snapshot): readonly Part[] {
  const { domain, policyHost, hosts, tlsrptRecord, ruaDomains } = snapshot
  const outline = hosts.map(({ name, preference, source, target }) => ({ name, preference, source, target }))
  const fetches = policyHost.fetches.map((fetch) => fetch.address)
  const parts = [
    dns(domain, 'sts-record', snapshot.stsRecord),
    dns(domain, 'policy-host', policyHost.addresses, { name: policyHost.name, fetches }),
    ...policyHost.fetches.flatMap((fetch) => fetchParts(domain, fetch)),
    dns(
      domain,
      'tlsrpt-record',
      tlsrptRecord,
      ruaDomains.map((rua) => rua.name),
    ),
    ...ruaDomains.flatMap((rua) => [
      dns(rua.name, `rua.mx ${rua.name}`, rua.mx),
      dns(rua.name, `rua.addresses ${rua.name}`, rua.addresses),
    ]),
    dns(domain, 'mx', snapshot.mx, outline),
    ...hosts.flatMap(hostParts),
    ...zoneParts(domain, snapshot.zones),
  ]
  return [...new Map(parts.map((one) => [one.name, one])).values()]
}

function fetchParts(owner: string, fetch: PolicyFetch): readonly Part[] {
  return [
    part({ owner, name: `policy-host.tls ${fetch.address}` }, fetch.tls, (tls) => tls),
    part({ owner, name: `policy-host.response ${fetch.address}` }, fetch.response, httpIdentity),
  ]
}

function hostParts(host: MxHost): readonly Part[] {
  const owner = host.name
  const addresses = host.sessions.map((session) => session.address)
  return [
    dns(owner, `host ${host.name}`, host.addresses, nextOf(addresses, host.faces)),
    ...host.faces.map((face) => part({ owner, name: faceName(owner, face) }, face.look, (answer) => answer)),
    dns(owner, `host.tlsa ${host.name}`, host.tlsa, host.tlsaBase),
    ...host.sessions.flatMap(({ address, smtp, dane }) => [
      session({ owner, name: `host.session ${host.name} ${address}` }, smtp),
      // Most hosts have none: what is skipped for a reason that never changes need not be kept.
      ...(dane.outcome === 'skipped'
        ? []
        : [session({ owner, name: `host.dane ${host.name} ${address}` }, dane)]),
    ]),
  ]
}

/** None where no server was asked: what earlier looks saw of them then stands as it is. */
function zoneParts(domain: DomainName, zones: readonly ZoneLook[]): readonly Part[] {
  if (zones.length === 0) return []
  const names = zones.map(({ name }) => name)
  const takenAt = Math.min(...zones.map((zone) => zone.takenAt))
  return [
    part({ owner: domain, name: 'zones' }, whole(names, takenAt), (value) => value, names),
    ...zones.map((zone) => ({
      ...part({ owner: zone.name, name: `zone ${zone.name}` }, whole(zone, zone.takenAt), zoneIdentity),
      answered: isAnswer(zone.nameServers),
    })),
  ]
}

function whole<T>(value: T, at: UnixMs): Observation<T> {
  return { outcome: 'seen', at, tookMs: 0, value }
}

function session(place: Parameters<typeof part>[0], smtp: MxSession['smtp']): Part {
  return { ...part(place, smtp, sessionIdentity), answered: isSessionAnswer(smtp) }
}

/** What was looked at because of a host's addresses: a bare list while nobody asks for other faces. */
function nextOf(sessions: readonly IpAddress[], faces: readonly HostFace[]): HostNext | readonly IpAddress[] {
  if (faces.length === 0) return sessions
  return { sessions, faces: faces.map(({ address, port, keys }) => ({ address, port, keys })) }
}

function faceName(host: string, { address, port, keys }: FaceOutline): string {
  return `host.face ${host} ${address} ${port} ${keys}`
}

function dns(owner: string, name: string, observation: DnsLook, next: unknown = null): Part {
  return part({ owner, name }, withoutSignatures(observation), dnsIdentity, next)
}

type DnsLook = Observation<DnsAnswer<readonly (string | MxRecord)[]>>

/** A row stands for many looks, and every look sees younger signatures: none of them is kept. */
function withoutSignatures(look: DnsLook): DnsLook {
  return look.outcome === 'seen' ? { ...look, value: { ...look.value, signatures: null } } : look
}

/** `owner`: whose fact it is. A mail host's certificate is one content, at whichever address and for all its domains. */
function part<T>(
  { owner, name }: { readonly owner: string; readonly name: string },
  observation: Observation<T>,
  valueIdentity: (value: T) => unknown,
  next: unknown = null,
): Part {
  // The words of a fault name what was asked, so they are not shared even between the addresses of a host.
  const scope = observation.outcome === 'failed' ? name : null
  const identity = canonicalJson([owner, scope, observationIdentity(observation, valueIdentity), next])
  return { name, hash: digest(identity), answered: isAnswer(observation), leaf: { observation, next } }
}

/** The identity of all parts together: equal when nothing changed between two looks. */
export function stateHash(parts: readonly Part[]): Buffer {
  const lines = parts.map((part) => `${part.name}\n${part.hash.toString('hex')}\n`)
  return digest(lines.sort().join(''))
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

/** A stored part: its Leaf as JSON, and when it was last seen like this. */
export interface StoredPart {
  readonly body: string
  readonly at: UnixMs
}

/** Gives a part by name, or null when it is not remembered. */
export type FindPart = (name: string) => StoredPart | null

/**
 * The snapshot again. Every instant is the part's `at`; what its identity leaves out (TTL, duration, greeting …) is
 * that of the first look with this content, and signatures are not kept. A part that is not remembered is a skipped observation.
 */
export function putTogether(
  frame: Pick<Snapshot, 'id' | 'domain' | 'takenAt'>,
  findPart: FindPart,
): Snapshot {
  const policyHost = readDns<PolicyHostLook['addresses']>(findPart, 'policy-host')
  const policyNext = policyHost.next as { name: DomainName; fetches: readonly IpAddress[] } | null
  const tlsrpt = readDns<Snapshot['tlsrptRecord']>(findPart, 'tlsrpt-record')
  const mx = readDns<Snapshot['mx']>(findPart, 'mx')
  return {
    id: frame.id,
    domain: frame.domain,
    takenAt: frame.takenAt,
    stsRecord: readDns<Snapshot['stsRecord']>(findPart, 'sts-record').observation,
    policyHost: {
      name: policyNext?.name ?? childName('mta-sts', frame.domain),
      addresses: policyHost.observation,
      fetches: (policyNext?.fetches ?? []).map((address) => readFetch(findPart, address)),
    },
    tlsrptRecord: tlsrpt.observation,
    ruaDomains: list<DomainName>(tlsrpt.next).map((name) => readRua(findPart, name)),
    mx: mx.observation,
    hosts: list<HostOutline>(mx.next).map((outline) => readHost(findPart, outline)),
    zones: readZones(findPart),
  }
}

function readFetch(findPart: FindPart, address: IpAddress): PolicyFetch {
  return {
    address,
    tls: read<PolicyFetch['tls']>(findPart, `policy-host.tls ${address}`).observation,
    response: read<PolicyFetch['response']>(findPart, `policy-host.response ${address}`).observation,
  }
}

/** Each zone with its own instants: when it was first seen like this. */
function readZones(findPart: FindPart): readonly ZoneLook[] {
  const { next } = read<Observation<unknown>>(findPart, 'zones')
  return list<DomainName>(next).flatMap((name) => {
    const { observation } = read<Observation<ZoneLook>>(findPart, `zone ${name}`)
    return observation.outcome === 'seen' ? [observation.value] : []
  })
}

function readRua(findPart: FindPart, name: DomainName): RuaDomainLook {
  return {
    name,
    mx: readDns<RuaDomainLook['mx']>(findPart, `rua.mx ${name}`).observation,
    addresses: readDns<RuaDomainLook['addresses']>(findPart, `rua.addresses ${name}`).observation,
  }
}

function readHost(findPart: FindPart, outline: HostOutline): MxHost {
  const addresses = readDns<MxHost['addresses']>(findPart, `host ${outline.name}`)
  const next = readNext(addresses.next)
  const tlsa = readDns<MxHost['tlsa']>(findPart, `host.tlsa ${outline.name}`)
  return {
    ...outline,
    addresses: addresses.observation,
    tlsa: tlsa.observation,
    tlsaBase: typeof tlsa.next === 'string' ? (tlsa.next as DomainName) : null,
    sessions: next.sessions.map((address) => ({
      address,
      smtp: read<Observation<never>>(findPart, `host.session ${outline.name} ${address}`).observation,
      dane: read<Observation<never>>(findPart, `host.dane ${outline.name} ${address}`).observation,
    })),
    faces: next.faces.map((face) => ({
      ...face,
      look: read<HostFace['look']>(findPart, faceName(outline.name, face)).observation,
    })),
  }
}

function readNext(next: unknown): HostNext {
  if (next === null || Array.isArray(next)) return { sessions: list<IpAddress>(next), faces: [] }
  return next as HostNext
}

/** Rows of older versions say nothing of signatures. */
function readDns<O extends DnsLook>(findPart: FindPart, name: string): { observation: O; next: unknown } {
  const { observation, next } = read<O>(findPart, name)
  return { observation: withoutSignatures(observation) as O, next }
}

function read<O extends Observation<unknown>>(
  findPart: FindPart,
  name: string,
): { observation: O; next: unknown } {
  const stored = findPart(name)
  // An observation of any type may be skipped; what was stored is what takeApart put there.
  if (stored === null) return { observation: FORGOTTEN as O, next: null }
  const leaf = JSON.parse(stored.body) as Leaf
  const observation =
    leaf.observation.outcome === 'skipped' ? leaf.observation : { ...leaf.observation, at: stored.at }
  return { observation: observation as O, next: leaf.next }
}

const FORGOTTEN: Observation<never> = { outcome: 'skipped', because: 'no longer remembered' }

function list<T>(next: unknown): readonly T[] {
  return Array.isArray(next) ? next : []
}
