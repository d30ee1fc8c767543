import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Deviation } from '../protocol/tlsrpt/deviation.ts'
import type { TlsReport } from '../protocol/tlsrpt/report.ts'

export type ReportId = string & { readonly __brand: 'ReportId' }

/** Who answers for a report (RFC 8460 §3): only the first two kinds count by themselves (correctness: trust levels). */
export type Authenticity =
  /** A DKIM signature that fulfils every rule; `signer` is its d= domain. */
  | { readonly trust: 'verified'; readonly signer: DomainName; readonly selector: string }
  /** Our own border says so in its Authentication-Results (RFC 8601), and the operator trusts it. */
  | { readonly trust: 'border'; readonly signer: DomainName; readonly authservId: string }
  /** `claimed`: the domain of the From address, or of the contact of a report that came without a mail. */
  | {
      readonly trust: 'unverified'
      readonly claimed: DomainName | null
      readonly because: DistrustCode
      /** One line for a person; may hold untrusted text. */
      readonly detail: string
    }

/** Why nobody answers for a report. Stored and shown: never rename one. */
export type DistrustCode =
  /** A file, not a mail: there is nothing that could be signed. */
  | 'no-mail'
  | 'unsigned'
  /** The body or the signed headers were changed, or the signature never fitted. */
  | 'signature-broken'
  | 'signature-malformed'
  | 'signature-expired'
  | 'signature-from-the-future'
  /** l= leaves part of the body unsigned (RFC 8460 §3). */
  | 'body-length-limit'
  | 'algorithm-too-weak'
  | 'key-missing'
  | 'key-malformed'
  | 'key-too-short'
  /** The key's s= allows neither `*` nor `tlsrpt`. */
  | 'key-for-another-service'
  | 'key-in-test-mode'
  | 'header-unsigned'
  | 'signer-not-aligned'
  /** No From address, or more than one. */
  | 'from-ambiguous'

/** How a report reached us. */
export type ReportSource =
  | {
      readonly via: 'imap'
      readonly account: string
      readonly folder: string
      readonly uidValidity: string
      readonly uid: number
    }
  | { readonly via: 'file'; readonly path: string }

/**
 * counted: it is part of the numbers. quarantined: nobody answers for it; kept, shown apart, never counted. conflict: the
 * same report came before with other numbers; the first one counts (R46). admitted: quarantined once, and the operator
 * vouches for it.
 */
export type Standing = 'counted' | 'admitted' | 'quarantined' | 'conflict'

/** A TLS report that concerns a watched domain, how it reached us and who answers for it. */
export interface ReceivedReport {
  readonly id: ReportId
  /** SHA-256 over who answers for it, its id, its range and what it is about: the same again is the same report (R46). */
  readonly identity: string
  /** SHA-256 of what the reader made of it: tells a repeat from a revision. */
  readonly contentSha256: string
  /** SHA-256 of the mail or file it was read from. */
  readonly rawSha256: string
  readonly receivedAt: UnixMs
  readonly source: ReportSource
  readonly authenticity: Authenticity
  readonly standing: Standing
  /** Its policies are those that concern watched domains, in the order of `attributions`. */
  readonly report: TlsReport
  /** For each policy of `report`: whom it concerns. */
  readonly attributions: readonly Attribution[]
  /** Policies about domains that are not watched: counted, not kept (S19). */
  readonly otherPolicies: number
  readonly deviations: readonly Deviation[]
}

/** Whom one policy of a report concerns. */
export interface Attribution {
  /** The watched domain; null: a mail host that several watched domains share. */
  readonly domain: DomainName | null
  /** The MX host, when the policy is about one (policy type tlsa); else null. */
  readonly mx: DomainName | null
  /** Midnight UTC of the day that it is filed under: the first day of the report's own range, never of its arrival. */
  readonly dayAt: UnixMs
}

/** What became of one mail or file: exactly one of these (R48). */
export type MailClass =
  | 'accepted'
  | 'duplicate'
  | 'conflict'
  | 'quarantined'
  | 'rejected'
  | 'not-a-report'
  | 'postponed'
