import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { DnsAnswer, MxRecord } from './dns.ts'
import type { Fault } from './fault.ts'
import type { HostFace } from './host-face.ts'
import type { Observation } from './observation.ts'
import type { TlsFacts } from './tls.ts'
import type { ZoneLook } from './zone-look.ts'

export type SnapshotId = string & { readonly __brand: 'SnapshotId' }

/** Everything one pass over a domain saw. Raw on purpose: a better judge can judge last month's again. */
export interface Snapshot {
  readonly id: SnapshotId
  readonly domain: DomainName
  readonly takenAt: UnixMs
  /** TXT at `_mta-sts.<domain>`. */
  readonly stsRecord: Observation<DnsAnswer<readonly string[]>>
  readonly policyHost: PolicyHostLook
  /** TXT at `_smtp._tls.<domain>`. */
  readonly tlsrptRecord: Observation<DnsAnswer<readonly string[]>>
  /** One entry per mailto domain that the TLSRPT record names. */
  readonly ruaDomains: readonly RuaDomainLook[]
  readonly mx: Observation<DnsAnswer<readonly MxRecord[]>>
  /** By preference, then name; empty when MX was not seen or is the null MX. */
  readonly hosts: readonly MxHost[]
  /** What each authoritative server says; empty when they were not asked. */
  readonly zones: readonly ZoneLook[]
}

/** `mta-sts.<domain>`, asked at each of its addresses. */
export interface PolicyHostLook {
  readonly name: DomainName
  readonly addresses: Observation<DnsAnswer<readonly IpAddress[]>>
  readonly fetches: readonly PolicyFetch[]
}

export interface PolicyFetch {
  readonly address: IpAddress
  readonly tls: Observation<TlsFacts>
  /** Skipped when the certificate is not valid for the policy host: a sender would not ask either. */
  readonly response: Observation<HttpResponse>
}

export interface HttpResponse {
  readonly status: number
  readonly location: string | null
  readonly contentType: string | null
  /** The whole body (≤ 64 KiB) of a 200 answer, a leading BOM kept; the first 512 characters of any other. */
  readonly body: string
  readonly validUtf8: boolean
}

export interface RuaDomainLook {
  readonly name: DomainName
  readonly mx: Observation<DnsAnswer<readonly MxRecord[]>>
  /** Only asked when there is no MX (RFC 5321 §5.1 implicit MX). */
  readonly addresses: Observation<DnsAnswer<readonly IpAddress[]>>
}

export interface MxHost {
  /** As in the MX record; the domain itself for an implicit MX. */
  readonly name: string
  readonly preference: number
  readonly source: 'mx' | 'implicit'
  /** What the MX record points at: RFC 5321 §5.1 allows only a host name that is no alias. */
  readonly target: 'host' | 'address-literal' | 'malformed'
  readonly addresses: Observation<DnsAnswer<readonly IpAddress[]>>
  /** Of port 25. An insecure answer is kept: it says that records stand where they have no effect. */
  readonly tlsa: Observation<DnsAnswer<readonly string[]>>
  /** The TLSA base domain at which they were found (RFC 7672 §2.2.2); null when none were. */
  readonly tlsaBase: DomainName | null
  readonly sessions: readonly MxSession[]
  /** Only what the domain asked for in watch.yaml; empty when nothing. */
  readonly faces: readonly HostFace[]
}

export interface MxSession {
  readonly address: IpAddress
  readonly smtp: Observation<SmtpSession>
  /**
   * A second session, for DANE alone: with the TLSA base domain as SNI where that is another name than the host's, and with
   * the whole chain that was sent, roots included. Skipped where `smtp` shows all that DANE looks at.
   */
  readonly dane: Observation<SmtpSession>
}

/** A host that greeted with 220 and answered EHLO; what it then did about STARTTLS. */
export interface SmtpSession {
  readonly greeting: string
  readonly capabilities: readonly string[]
  readonly startTls: StartTls
  /** Our own address in this session; null: not known. */
  readonly ownAddress: IpAddress | null
}

export type StartTls =
  | { readonly outcome: 'established'; readonly tls: TlsFacts }
  | { readonly outcome: 'not-offered' }
  | { readonly outcome: 'refused'; readonly reply: string }
  /** Plaintext followed the 220 before the handshake: an injection, or a broken server (RFC 3207 §6). */
  | { readonly outcome: 'injected'; readonly bytes: number }
  | { readonly outcome: 'handshake-failed'; readonly fault: Fault }
