import type { UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { AppliedPolicy } from '../policy-version.ts'
import type { ReportedFailure } from '../report-window.ts'
import type { ProblemEvidence } from './evidence-parts.ts'

/** Findings about the TLSRPT record, and about what senders report (RFC 8460). */
export interface TlsrptEvidence {
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
}
