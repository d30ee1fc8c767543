import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { HttpResponse, PolicyFetch, PolicyHostLook, Snapshot } from '../model/snapshot.ts'
import type { SupposedPolicy, Supposition } from '../model/supposition.ts'
import type { TlsFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { policyIdOf } from '../protocol/mta-sts/generate-policy.ts'
import { readRecord } from './facts.ts'

/** RFC 8461 §3.3: the size at which senders may stop reading, and we do. */
const MOST_BYTES = 65_536
const SUPPOSED = { outcome: 'skipped', because: 'supposed' } as const
/** Where the policy host has no address yet: one that nobody has (RFC 5737). */
const NO_ADDRESS = '192.0.2.0' as IpAddress

/**
 * The look with the supposed policy and record in it, as if every address of the policy host served them as senders want
 * it. MX and TLSA records are supposed before the look (createSupposedResolver), since it depends on them.
 */
export function suppose(snapshot: Snapshot, supposition: Supposition): Snapshot {
  const { policy } = supposition
  return {
    ...snapshot,
    stsRecord: supposedRecord(snapshot, supposition),
    policyHost: policy === null ? snapshot.policyHost : supposedHost(snapshot, policy),
  }
}

/** The look without what was supposed: nobody answered or validated that, so it proves nothing about our own sight. */
export function seenAlone(snapshot: Snapshot, { domain, mx, tlsa }: Supposition): Snapshot {
  const isGiven = (name: string) => tlsa.some(({ host }) => host === null || host === name)
  return {
    ...snapshot,
    mx: mx !== null && snapshot.domain === domain ? SUPPOSED : snapshot.mx,
    hosts: snapshot.hosts.map((host) =>
      isGiven(host.name) ? { ...host, addresses: unsigned(host.addresses), tlsa: SUPPOSED } : host,
    ),
  }
}

function unsigned<T>(look: Observation<DnsAnswer<T>>): Observation<DnsAnswer<T>> {
  return look.outcome === 'seen' ? { ...look, value: { ...look.value, security: 'insecure' } } : look
}

/** A policy that differs from the served one comes with another id; the same one keeps its record. */
function supposedRecord(
  snapshot: Snapshot,
  { policy, stsRecord }: Supposition,
): Observation<DnsAnswer<readonly string[]>> {
  if (stsRecord !== null) return recordAt(snapshot, stsRecord)
  if (policy === null) return snapshot.stsRecord
  const isServed = snapshot.policyHost.fetches.some(
    ({ response }) => response.outcome === 'seen' && response.value.body === policy.body,
  )
  if (isServed && readRecord(snapshot).state === 'valid') return snapshot.stsRecord
  return recordAt(snapshot, `v=STSv1; id=${policyIdOf(policy.body)};`)
}

function recordAt({ takenAt }: Snapshot, text: string): Observation<DnsAnswer<readonly string[]>> {
  const value = {
    records: [text],
    ttlSeconds: 0,
    security: 'insecure',
    cnames: [],
    signatures: null,
  } as const
  return { outcome: 'seen', at: takenAt, tookMs: 0, value }
}

function supposedHost({ policyHost, takenAt }: Snapshot, policy: SupposedPolicy): PolicyHostLook {
  const { name, addresses, fetches } = policyHost
  const response = responseAt(takenAt, policy)
  const served = fetches.map(
    (fetch): PolicyFetch => ({ ...fetch, tls: supposedTls(fetch, takenAt), response }),
  )
  if (served.length > 0) return { name, addresses, fetches: served }
  const tls = goodTls(takenAt)
  return {
    name,
    addresses: {
      outcome: 'seen',
      at: takenAt,
      tookMs: 0,
      value: { records: [NO_ADDRESS], ttlSeconds: 0, security: 'insecure', cnames: [], signatures: null },
    },
    fetches: [{ address: NO_ADDRESS, tls, response }],
  }
}

/** A certificate that senders accept stays: it may be about to end. */
function supposedTls({ tls, response }: PolicyFetch, at: number): Observation<TlsFacts> {
  return tls.outcome === 'seen' && response.outcome !== 'skipped' ? tls : goodTls(at)
}

function goodTls(at: number): Observation<TlsFacts> {
  const value = { protocol: 'supposed', cipher: '', chain: [], webPkiError: null, linked: null }
  return { outcome: 'seen', at, tookMs: 0, value }
}

function responseAt(at: number, { body, validUtf8 }: SupposedPolicy): Observation<HttpResponse> {
  if (Buffer.byteLength(body) > MOST_BYTES) {
    const detail = 'the supposed policy is larger than 64 KiB'
    return { outcome: 'failed', at, tookMs: 0, fault: { kind: 'http-too-large', blame: 'remote', detail } }
  }
  const value = { status: 200, location: null, contentType: 'text/plain', body, validUtf8 }
  return { outcome: 'seen', at, tookMs: 0, value }
}
