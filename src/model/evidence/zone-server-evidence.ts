import type { UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { IpAddress } from '../../protocol/ip-address.ts'
import type { ZoneQuestion, ZoneRecordType } from '../zone-look.ts'
import type { AddressEvidence } from './evidence-parts.ts'

/** Findings about single authoritative servers. */
export interface ZoneServerEvidence {
  'dns.server.stale': {
    readonly server: DomainName
    readonly zone: DomainName
    readonly addresses: readonly IpAddress[]
    /** Of this server and of the most recent of the others; null when it was not told. */
    readonly serial: number | null
    readonly newestSerial: number | null
    /** Empty: only the serial is behind. */
    readonly differences: readonly ServerDifference[]
    /** After so long it asks for the zone by itself, told of a change or not (RFC 1035 §3.3.13). */
    readonly refreshSeconds: number
    /** Until then, seen for the first time, it may be a change on its way. */
    readonly recordSettlesAt: UnixMs
    /** Why senders that verify are hurt already; null when they are not. */
    readonly hurts: 'tlsa' | 'mx' | null
  }
  'dns.server.mute': ServerTrouble
  'dns.server.lame': ServerTrouble
  'dns.server.drops-type': {
    readonly server: DomainName
    readonly zone: DomainName
    /** Answered by this server in no usable way, though it serves the zone. */
    readonly dropped: readonly ZoneQuestion[]
    readonly failures: readonly AddressEvidence[]
    /** Do other servers of the zone answer these questions? */
    readonly othersAnswer: boolean
    /** DANE senders ask for TLSA here, because the addresses of the host are secure (RFC 7672 §2.2.2). */
    readonly daneAsks: boolean
  }
}

/** One name at one server and at the others. */
export interface ServerDifference {
  readonly name: DomainName
  readonly type: ZoneRecordType
  /** Empty: the server says that there is none. */
  readonly here: readonly string[]
  readonly elsewhere: readonly string[]
}

interface ServerTrouble {
  readonly server: DomainName
  readonly zone: DomainName
  readonly failures: readonly AddressEvidence[]
  /** Of how many addresses of the server that were asked. */
  readonly of: number
}
