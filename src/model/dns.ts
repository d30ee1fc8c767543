import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { DnsSecurity, Observation } from './observation.ts'

export interface DnsAnswer<T> {
  readonly records: T
  /** The smallest TTL of the answer. */
  readonly ttlSeconds: number
  readonly security: DnsSecurity
  /** The CNAME chain that was followed, in order; empty when the name itself had the records. */
  readonly cnames: readonly DomainName[]
  /** Of the signatures that came along, the life of the one that ends first; null where none was shown. */
  readonly signatures: SignatureLife | null
}

/** How long a set of records stays valid (RFC 4034 §3.1.5): the longest of its signatures counts. */
export interface SignatureLife {
  /** Who signed: the apex of the zone. */
  readonly zone: string
  readonly beganAt: UnixMs
  readonly endAt: UnixMs
}

export interface MxRecord {
  readonly preference: number
  /** As published, lower case, without the root dot; `.` for the null MX (RFC 7505). May be no legal host name. */
  readonly exchange: string
}

/** RDATA of a SOA record (RFC 1035 §3.3.13) and the TTL that it came with. */
export interface SoaRecord {
  readonly serial: number
  /** The primary server, lower case, without the root dot. */
  readonly mname: string
  readonly refreshSeconds: number
  readonly retrySeconds: number
  /** RFC 2308 §4: how long a denial may be kept, unless the TTL is smaller. */
  readonly minimumSeconds: number
  readonly ttlSeconds: number
}

/** The zone that a name lies in. */
export interface ZoneOfName {
  /** The owner of the SOA record. */
  readonly zone: DomainName
  readonly soa: SoaRecord
  /** The aliases that led there; empty when the name itself lies in the zone. */
  readonly cnames: readonly DomainName[]
}

/** The door to the DNS. Never rejects for what the DNS does; only an aborted `signal` ends in a fault `deadline`. */
export interface Resolver {
  /** One string per record, its character-strings joined (RFC 8461 §3.1), bytes as latin1. */
  txt(name: DomainName, signal: AbortSignal): Promise<Observation<DnsAnswer<readonly string[]>>>
  mx(name: DomainName, signal: AbortSignal): Promise<Observation<DnsAnswer<readonly MxRecord[]>>>
  /** A and AAAA together, sorted; absent only when both are. */
  addresses(name: DomainName, signal: AbortSignal): Promise<Observation<DnsAnswer<readonly IpAddress[]>>>
  /** RDATA as `usage selector matching hex`. */
  tlsa(name: DomainName, signal: AbortSignal): Promise<Observation<DnsAnswer<readonly string[]>>>
  /** The names of the servers of a zone, sorted; absent where no zone begins. */
  ns(zone: DomainName, signal: AbortSignal): Promise<Observation<DnsAnswer<readonly DomainName[]>>>
  /** The zone of any name, existing or not; absent when the answer names none. */
  zoneOf(name: DomainName, signal: AbortSignal): Promise<Observation<ZoneOfName>>
}
