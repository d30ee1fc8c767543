/** The simulated internet as plain data: what its DNS says, what its hosts do, how its Slack and mail server behave. */

import type { CertificateSpec } from './certificate-spec.ts'
import type { ImapTrouble } from './imap-trouble.ts'

export interface World {
  readonly domains: readonly LabDomain[]
  /** Hosts that belong to no domain or are shared by several. */
  readonly hosts: readonly LabHost[]
  /** Any further DNS records: aliases, TLSA, canary names. */
  readonly records: readonly LabRecord[]
  /** Zones besides the domains', e.g. of a mail provider. */
  readonly zones: readonly LabZone[]
  /** The authoritative servers of zones; a zone without any can only be asked for through the resolvers. */
  readonly nameServers: readonly LabNameServer[]
  /** How fresh the signatures of secure zones are; those of a zone that is not named here have 13 of their 14 days left. */
  readonly signatures: readonly LabSignatures[]
  /** The first rule that matches a question decides. */
  readonly dnsFaults: readonly DnsFaultRule[]
  /** Null: in good order. */
  readonly slack: SlackTrouble | null
  /** Null: in good order. */
  readonly inbox: InboxTrouble | null
  /** Null: in good order. */
  readonly imap: ImapTrouble | null
}

export interface LabDomain {
  readonly name: string
  /** DNSSEC-signed: answers carry the AD bit for those who ask for it. */
  readonly secure: boolean
  readonly ttlSeconds: number
  /** TXT at `_mta-sts`; empty: no such name. */
  readonly stsRecord: readonly string[]
  /** Null: `mta-sts.<domain>` does not exist. */
  readonly policy: LabPolicy | null
  /** TXT at `_smtp._tls`; empty: no such name. */
  readonly tlsrptRecord: readonly string[]
  /** Exchange `.` is the null MX; empty: no MX record. */
  readonly mx: readonly LabMx[]
  /** A and AAAA of the domain itself. */
  readonly addresses: readonly string[]
  /** The domain's own mail hosts; shared ones stand in World.hosts. */
  readonly hosts: readonly LabHost[]
}

export interface LabPolicy {
  /** Served at `/.well-known/mta-sts.txt` while the host's https mode is `ok`. */
  readonly body: string
  readonly host: LabHost
}

export interface LabMx {
  readonly preference: number
  readonly exchange: string
}

/** A name with addresses. All names at one address are served by the same machine: TLS tells them apart by SNI. */
export interface LabHost extends Behaviour {
  readonly name: string
  /** Documentation addresses only: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32. */
  readonly addresses: readonly string[]
  /** Where single addresses differ from the rest of the host. */
  readonly byAddress: Readonly<Record<string, Partial<Behaviour>>>
}

export interface Behaviour {
  /** What happens to a connection on its way there. */
  readonly path: 'open' | 'refused' | 'timeout' | 'no-route'
  readonly certificate: CertificateSpec
  /** Port 25; null: nothing listens (refused). */
  readonly smtp: SmtpMode | null
  /** Port 443; null: nothing listens (refused). */
  readonly https: HttpsMode | null
  /** On port 25 besides `certificate`, with a key of the other type; null: only that one. Not where names share an address. */
  readonly secondCertificate: CertificateSpec | null
  /** What other ports show: 465, 993 and 443 by TLS from the first byte, 587 by STARTTLS. A port not named is closed. */
  readonly faces: Faces
}

export type FacePort = 465 | 587 | 993 | 443
export type Faces = { readonly [P in FacePort]?: CertificateSpec }

/** What an MX host does (reliability R31); everything but the named fault is as it should be. */
export type SmtpMode =
  | 'ok'
  | 'reset-at-connect'
  | 'close-at-connect'
  /** Accepts and never says a word. */
  | 'silent'
  | 'greeting-4xx'
  | 'greeting-5xx'
  /** One line that is no SMTP reply. */
  | 'greeting-garbage'
  /** Bytes for ever, never a line end. */
  | 'greeting-endless'
  /** One byte of the greeting every 100 ms, for ever. */
  | 'greeting-drip'
  | 'reset-after-greeting'
  | 'ehlo-fails'
  | 'ehlo-silent'
  /** 250- lines for ever. */
  | 'ehlo-endless'
  /** A 10 MB answer to EHLO that does end. */
  | 'ehlo-huge'
  | 'no-starttls'
  /** 454 to STARTTLS. */
  | 'starttls-refused'
  | 'starttls-silent'
  /** More plaintext in the same packet as the 220 to STARTTLS. */
  | 'injection'
  | 'reset-after-starttls'
  | 'tls-garbage'
  | 'tls-alert'
  | 'tls-hang'
  | 'tls-close'
  /** Resets the connection when EHLO comes through TLS. */
  | 'reset-after-handshake'
  /** No answer to QUIT, and the connection stays open. */
  | 'quit-silent'

/** What a policy host does. An object is the answer itself, sent with correct length to any path. */
export type HttpsMode =
  | 'ok'
  | 'reset-at-connect'
  /** Accepts and never answers the handshake. */
  | 'hang-after-connect'
  | 'hang-after-handshake'
  /** Headers and half of the body, then silence. */
  | 'hang-in-body'
  | 'reset-after-request'
  /** Plain HTTP on the TLS port. */
  | 'no-tls'
  | 'tls-garbage'
  | 'tls-alert'
  /** Body bytes for ever. */
  | 'endless-body'
  /** One byte of the body every 100 ms, for ever. */
  | 'drip-body'
  /** One byte of the header every 100 ms, for ever. */
  | 'drip-headers'
  /** 1 MB of header fields. */
  | 'huge-headers'
  /** 1,000 interim 103 answers before the policy. */
  | 'early-hints'
  /** The policy gzip-encoded, whatever was asked for. */
  | 'gzip'
  /** Fewer bytes than Content-Length says, then a clean close. */
  | 'short-body'
  /** No HTTP at all inside TLS. */
  | 'garbage'
  | HttpsAnswer

export interface HttpsAnswer {
  readonly status: number
  /** Sent as they stand; Date and Content-Length are added when missing. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface LabZone {
  readonly name: string
  readonly secure: boolean
}

/** One server of one zone, on port 53 of its addresses. The resolvers of the lab know what is right without asking it. */
export interface LabNameServer {
  readonly name: string
  /** The apex. */
  readonly zone: string
  /** Documentation addresses only. */
  readonly addresses: readonly string[]
  /** What happens to a question on its way there. */
  readonly path: Behaviour['path']
  readonly serial: number
  /** False: it answers without the AA bit. */
  readonly authoritative: boolean
  /** What it has in place of the domain's own (the one of that zone's name); empty: the same. */
  readonly domain: Partial<Pick<LabDomain, 'stsRecord' | 'tlsrptRecord' | 'mx' | 'addresses'>>
  /** What it has in place of World.records; null: the same. */
  readonly records: readonly LabRecord[] | null
  readonly faults: readonly Omit<DnsFaultRule, 'resolver'>[]
}

/** At every question, counted from the instant of the answer. */
export interface LabSignatures {
  readonly zone: string
  readonly hoursOld: number
  readonly hoursLeft: number
}

export type LabRecord = { readonly name: string; readonly ttlSeconds: number } & LabRecordData

export type LabRecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly type: 'NS'; readonly target: string }
  | { readonly type: 'SOA'; readonly serial: number; readonly mname: string }
  /** `text` is cut into character-strings of 255 octets. */
  | { readonly type: 'TXT'; readonly text: string }
  /** `data` in hex, or `@lab` or `@successor` for the SHA-256 of that intermediate's key (2 1 1). */
  | {
      readonly type: 'TLSA'
      readonly usage: number
      readonly selector: number
      readonly matching: number
      readonly data: string
    }

export interface DnsFaultRule {
  /** A name, `*.example.com` for the zone and all below it, or `*` for every question. */
  readonly at: string
  readonly type: LabRecord['type'] | 'any'
  /** Which resolver misbehaves, counted from 0. */
  readonly resolver: number | 'all'
  readonly fault: DnsFault
}

export type DnsFault =
  | 'servfail'
  /** SERVFAIL, but an answer when the question has the CD bit: DNSSEC validation failed. */
  | 'bogus'
  | 'refused'
  | 'formerr'
  /** Silence. */
  | 'timeout'
  | 'wrong-id'
  | 'wrong-question'
  | 'garbage'
  /** A compression pointer to itself. */
  | 'pointer-loop'
  /** TC and no records over UDP, the answer over TCP. */
  | 'truncated'
  /** TC over UDP, and TCP connections with this question are reset. */
  | 'truncated-no-tcp'
  | 'cname-loop'
  /** The lies: the name, or the type, is said not to exist. */
  | 'nxdomain'
  | 'nodata'
  /** The lie at large: these records whatever the zone says. */
  | { readonly instead: readonly LabRecord[] }

/** What Slack does wrong, to which methods, and how often since the world said so. */
export interface SlackTrouble {
  readonly mode: SlackMode
  /** Method names such as `chat.postMessage`. */
  readonly methods: readonly string[] | 'all'
  /** Then all is well again; null: until the world changes. */
  readonly calls: number | null
}

export type SlackMode =
  | 'hang'
  | 'reset'
  | 'bad-json'
  /** An answer of 2 MiB. */
  | 'huge'
  /** The message is kept, but the caller never learns it. */
  | 'stored-then-close'
  | 'stored-then-500'
  | 'stored-then-hang'
  | 'not-stored-then-close'
  | { readonly status: number }
  /** Slack's own `{ok: false, error}`. */
  | { readonly error: string }
  /** 429 with this Retry-After, verbatim; null: without one. */
  | { readonly retryAfter: string | null }
  /** A message posted now is missing from the next `looks` reads of its channel or thread. */
  | { readonly invisibleForLooks: number }

/** What the mail server that takes our alerts does wrong, and how often since the world said so. */
export interface InboxTrouble {
  readonly mode: InboxMode
  /** Connections met by it, then all is well again; null: until the world changes. */
  readonly connections: number | null
}

export type InboxMode =
  /** 451 to RCPT. */
  | 'greylist'
  /** 550 to RCPT. */
  | 'reject-recipient'
  /** 554 after the final dot. */
  | 'reject-data'
  /** 452 after the final dot. */
  | 'full'
  /** Kept, but the connection ends instead of the last answer. */
  | 'stored-then-close'
  | 'stored-then-hang'
  /** The connection ends before the mail is kept. */
  | 'not-stored-then-close'
  /** 421 as the greeting. */
  | 'busy'
  | 'hang-at-greeting'
  | 'no-starttls'
  | 'reset-at-connect'
  /** 535 to every login. */
  | 'reject-login'
