import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { Fault } from './fault.ts'
import type { AppliedPolicy } from './policy-version.ts'
import type { ReportedFailure } from './report-window.ts'
import type { CertificateFacts } from './tls.ts'

/** critical: mail is or within 72 h will be refused by senders that verify. warning: protection lost or weakened. */
export type Severity = 'info' | 'warning' | 'critical'

export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']

/** One strict-parser complaint, as the protocol core reports it. */
export interface ProblemEvidence {
  readonly code: string
  readonly line: number | null
  readonly message: string
  readonly rfc: string
}

/** One address of a host and the certificate or fault met there. */
export interface AddressEvidence {
  readonly address: IpAddress
  readonly detail: string
}

interface CertificateEvidence {
  readonly host: string
  readonly addresses: readonly IpAddress[]
  /** Of how many addresses looked at. */
  readonly of: number
  readonly certificate: CertificateFacts
  /** Policy mode the severity was derived from; null when no policy is in force. */
  readonly mode: 'enforce' | 'testing' | 'none' | null
}

interface ReachEvidence {
  readonly host: string
  readonly failures: readonly AddressEvidence[]
  readonly of: number
  readonly mode: 'enforce' | 'testing' | 'none' | null
}

/** One entry = one code = one page in docs/findings.md. `area.thing.state`. */
export interface Evidence {
  'mta-sts.record.missing': {
    /** TXT records at the name that are no MTA-STS records. */
    readonly otherRecords: readonly string[]
    readonly policyServed: boolean
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.record.invalid': {
    readonly records: readonly string[]
    readonly problems: readonly ProblemEvidence[]
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.record.multiple': { readonly records: readonly string[]; readonly cachedUntil: UnixMs | null }
  'mta-sts.record.questionable': { readonly record: string; readonly problems: readonly ProblemEvidence[] }
  'mta-sts.policy.unfetchable': {
    readonly policyHost: DomainName
    readonly cause: FetchFailureCause
    readonly failures: readonly AddressEvidence[]
    readonly of: number
    /** Policy mode the severity was derived from; null when none was ever seen. */
    readonly mode: 'enforce' | 'testing' | 'none' | null
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.policy.invalid': {
    /** The first 4,096 characters. */
    readonly body: string
    readonly problems: readonly ProblemEvidence[]
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.policy.questionable': { readonly problems: readonly ProblemEvidence[] }
  'mta-sts.policy.differs-by-address': {
    readonly variants: readonly { readonly addresses: readonly IpAddress[]; readonly summary: string }[]
  }
  'mta-sts.policy.changed-without-id': {
    readonly recordId: string
    readonly before: string
    readonly after: string
    readonly changedAt: UnixMs
    readonly cachedUntil: UnixMs
    /** Until then caches on the way may still give the record of before the change. */
    readonly recordSettlesAt: UnixMs
    readonly suggestedId: string
    /** Live MX hosts that the old text, in mode enforce, does not cover: senders that hold it refuse them. */
    readonly refused: readonly string[]
  }
  'mta-sts.policy.id-changed-without-text': {
    readonly before: string
    readonly after: string
    readonly changedAt: UnixMs
  }
  'mta-sts.policy.mx-uncovered': {
    readonly mx: string
    readonly patterns: readonly string[]
    readonly mode: 'enforce' | 'testing' | 'none'
    readonly suggestedId: string
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.policy.pattern-unused': { readonly pattern: string; readonly mx: readonly string[] }
  'mta-sts.policy.max-age-short': { readonly maxAgeSeconds: number }
  'mta-sts.policy.max-age-long': { readonly maxAgeSeconds: number }
  'mta-sts.policy.mode-weaker': {
    readonly mode: 'testing' | 'none'
    readonly expected: 'enforce' | 'testing'
  }
  'mta-sts.policy.weakened': {
    readonly aspect: 'mode' | 'max-age' | 'mx-patterns'
    readonly before: string
    readonly after: string
    readonly changedAt: UnixMs
    readonly cachedUntil: UnixMs
  }
  'policy-host.address.private': { readonly host: string; readonly addresses: readonly IpAddress[] }
  'policy-host.certificate.expired': CertificateEvidence
  'policy-host.certificate.expiring': CertificateEvidence & {
    readonly daysLeft: number
    readonly rungDays: number
  }
  'policy-host.certificate.name-mismatch': CertificateEvidence
  'policy-host.certificate.untrusted': CertificateEvidence & { readonly reason: string }
  'policy-host.certificate.missing-intermediate': CertificateEvidence
  'policy-host.certificate.differs-by-address': {
    readonly host: string
    readonly variants: readonly AddressEvidence[]
  }
  'mx.record.missing': { readonly implicit: boolean }
  'mx.record.null-with-policy': { readonly policies: readonly ('mta-sts' | 'tlsrpt')[] }
  'mx.record.null-not-alone': { readonly exchanges: readonly string[] }
  'mx.target.alias': { readonly mx: string; readonly cnames: readonly DomainName[] }
  'mx.target.address-literal': { readonly mx: string }
  'mx.target.malformed': { readonly mx: string }
  'mx.target.unresolvable': { readonly mx: string }
  'mx.address.private': { readonly host: string; readonly addresses: readonly IpAddress[] }
  'mx.host.unreachable': ReachEvidence & { readonly allHostsDown: boolean }
  'mx.host.refuses-monitor': ReachEvidence
  'mx.starttls.missing': ReachEvidence
  'mx.starttls.refused': ReachEvidence
  'mx.starttls.injection': ReachEvidence
  'mx.tls.failed': ReachEvidence
  'mx.certificate.expired': CertificateEvidence
  'mx.certificate.expiring': CertificateEvidence & { readonly daysLeft: number; readonly rungDays: number }
  'mx.certificate.name-mismatch': CertificateEvidence
  'mx.certificate.untrusted': CertificateEvidence & { readonly reason: string }
  'mx.certificate.missing-intermediate': CertificateEvidence
  'mx.certificate.differs-by-address': {
    readonly host: string
    readonly variants: readonly AddressEvidence[]
  }
  'tlsrpt.record.missing': Record<never, never>
  'tlsrpt.record.invalid': {
    readonly records: readonly string[]
    readonly problems: readonly ProblemEvidence[]
  }
  'tlsrpt.record.multiple': { readonly records: readonly string[] }
  'tlsrpt.record.questionable': { readonly record: string; readonly problems: readonly ProblemEvidence[] }
  'tlsrpt.rua.undeliverable': {
    readonly uri: string
    readonly mailDomain: DomainName
    readonly why: 'null-mx' | 'no-mail-host'
  }
  'tlsrpt.rua.too-many': { readonly uris: readonly string[] }
  'tlsrpt.reported.failures': {
    readonly failure: ReportedFailure
    /** The policy mode that the severity was derived from; TLSA records are always enforced. */
    readonly mode: 'enforce' | 'testing' | 'none' | null
    /** Under which policies the sessions failed: sts, tlsa, no-policy-found, or what the sender wrote. */
    readonly policyTypes: readonly string[]
    /** What our own look says of it, without a full stop; may hold untrusted text. */
    readonly ownDetail: string
    readonly lookedAt: UnixMs
  }
  'tlsrpt.reported.unknown-address': {
    readonly mx: string
    readonly address: string
    /** Every address that this host was ever seen to have. */
    readonly knownAddresses: readonly string[]
    readonly reporters: readonly DomainName[]
    readonly failedSessions: number
    readonly firstDayAt: UnixMs
    readonly lastDayAt: UnixMs
  }
  'tlsrpt.reported.outdated-policy': {
    readonly reporter: DomainName
    readonly dayAt: UnixMs
    readonly applied: AppliedPolicy
    /** When its text was replaced, and when the last copy of it should have ended; null: it was never seen being served. */
    readonly replaced: { readonly at: UnixMs; readonly horizonAt: UnixMs } | null
    /** Live MX hosts that the text, in mode enforce, does not cover. */
    readonly refused: readonly string[]
  }
  'tlsrpt.reporter.silent': {
    readonly reporter: DomainName
    readonly lastDayAt: UnixMs
    /** Days with a report, of the days from the first to the last. */
    readonly days: number
    readonly ofDays: number
  }
  'domain.undecided': { readonly faults: readonly Fault[] }
  'monitor.dns.blind': { readonly resolvers: readonly string[]; readonly detail: string }
  'monitor.https.blind': { readonly detail: string }
  'monitor.smtp.blind': { readonly detail: string }
  'monitor.mass-failure': {
    readonly failing: number
    readonly of: number
    readonly domains: readonly DomainName[]
  }
  'monitor.clock.skewed': { readonly skewMs: number; readonly sources: readonly string[] }
  'monitor.config.broken': { readonly file: string; readonly problems: readonly string[] }
  'monitor.channel.failing': { readonly channel: string; readonly errorCode: string; readonly error: string }
  /** `why`: a sentence; it may hold untrusted text. */
  'monitor.dkim.failing': { readonly domain: string; readonly selector: string; readonly why: string }
  'monitor.check.failing': { readonly domain: DomainName; readonly error: string }
  'monitor.mailbox.unreachable': {
    readonly account: string
    /** What kind of failure, as the mailbox names it. */
    readonly failure: string
    readonly error: string
    readonly sinceAt: UnixMs
  }
  'monitor.mailbox.renumbered': {
    readonly account: string
    readonly folder: string
    readonly before: string
    readonly after: string
    readonly at: UnixMs
  }
  'monitor.mailbox.unreadable': {
    /** Of the last day. */
    readonly mails: number
    /** At most five. */
    readonly examples: readonly { readonly sender: string; readonly reason: string }[]
  }
}

export type FetchFailureCause =
  | 'no-address'
  | 'connect'
  | 'timeout'
  | 'tls'
  | 'redirect'
  | 'status'
  | 'media-type'
  | 'too-large'
  | 'content-encoding'
  | 'malformed'

export type FindingCode = keyof Evidence

/** A problem that was true of one look. It has no memory. */
export type Finding = {
  [C in FindingCode]: {
    readonly code: C
    /** null: the monitor itself. */
    readonly domain: DomainName | null
    /** What of the domain: a host, a pattern, a URI; null for the domain (or monitor) as a whole. */
    readonly subject: string | null
    readonly severity: Severity
    /** When the observation behind it was made: the same old observation never confirms a finding twice. */
    readonly observedAt: UnixMs
    /** What TLS reports of the last days say of the same thing; it never rests on them. */
    readonly reported: readonly ReportedFailure[]
    readonly evidence: Evidence[C]
  }
}[FindingCode]

/** `code|domain|subject`: at most one live incident each. */
export type FindingKey = string & { readonly __brand: 'FindingKey' }

export function findingKey(code: FindingCode, domain: DomainName | null, subject: string | null): FindingKey {
  return `${code}|${domain ?? ''}|${subject ?? ''}` as FindingKey
}

/**
 * What follows from a look. A live incident whose key is neither among the findings nor undecided has cleared.
 */
export interface Judgement {
  readonly findings: readonly Finding[]
  readonly undecided: readonly Undecided[]
  /** When the look was made. */
  readonly observedAt: UnixMs
}

/** Findings that could not be told: they neither open nor resolve. Null stands for "any". */
export interface Undecided {
  readonly code: FindingCode
  readonly domain: DomainName | null
  readonly subject: string | 'any' | null
  readonly because: Fault
}

/** Whether something is really left to be found out: what is moot is told elsewhere. */
export function isOpenQuestion({ because }: Undecided): boolean {
  return because.kind !== 'moot'
}
