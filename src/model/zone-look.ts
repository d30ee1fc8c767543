import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { DnsAnswer, SoaRecord } from './dns.ts'
import type { Observation } from './observation.ts'

/** A zone, and what each address of each of its name servers says of the names that matter for mail. */
export interface ZoneLook {
  /** The apex; where the zone could not be found, the name whose zone was sought. */
  readonly name: DomainName
  /** When the look began; older than the snapshot's where another look was fresh enough. */
  readonly takenAt: UnixMs
  /** The NS set as the resolvers give it. */
  readonly nameServers: Observation<DnsAnswer<readonly DomainName[]>>
  /** By name. */
  readonly servers: readonly NameServerLook[]
}

export interface NameServerLook {
  readonly name: DomainName
  readonly addresses: Observation<DnsAnswer<readonly IpAddress[]>>
  readonly asked: readonly ServerAddressLook[]
}

export interface ServerAddressLook {
  readonly address: IpAddress
  /** SOA of the zone, asked first. */
  readonly soa: Observation<ServerReply>
  /** In the order of the questions; skipped when nothing came back for SOA. */
  readonly answers: readonly ServerAnswer[]
}

export type ZoneRecordType = 'TXT' | 'MX' | 'TLSA' | 'A' | 'AAAA'

export interface ZoneQuestion {
  readonly name: DomainName
  readonly type: ZoneRecordType
}

export interface ServerAnswer extends ZoneQuestion {
  readonly reply: Observation<ServerReply>
}

/** What came back, whatever it is worth: an authoritative server is asked without recursion, over UDP, or TCP when truncated. */
export interface ServerReply {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, … */
  readonly rcode: string
  /** The AA bit (RFC 1035 §4.1.1). */
  readonly authoritative: boolean
  /** The server sends us to others instead of answering. */
  readonly isReferral: boolean
  /** Of the type asked for at the name asked for, as text, sorted; an alias as `CNAME target.`. */
  readonly records: readonly string[]
  /** The smallest of them; of a denial, how long it may be kept (RFC 2308 §5); null without either. */
  readonly ttlSeconds: number | null
  /** The zone's SOA, of the answer or beside the denial; null without. */
  readonly soa: SoaRecord | null
}
