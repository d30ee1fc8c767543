import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { PolicyResult } from '../protocol/tlsrpt/report.ts'
import type { FindingCode } from './finding.ts'
import type { ReportId } from './received-report.ts'

/** One policy of a report that counts, as it concerns one watched domain on one UTC day. */
export interface ReportedPolicy {
  readonly report: ReportId
  /** Who answers for the report: the signing domain, or for an admitted one the domain it claims. */
  readonly reporter: DomainName
  /** The sender's own name for itself, untrusted. */
  readonly organization: string | null
  /** Midnight UTC. */
  readonly dayAt: UnixMs
  readonly receivedAt: UnixMs
  /** The MX host that it is about (policy type tlsa); else null. */
  readonly mx: DomainName | null
  readonly policy: PolicyResult
}

/**
 * How well a reporter is known, over all watched domains (S20): the UTC days on which reports of it that count arrived.
 * Never the days that they are about: a sender can write ten of those into one mail.
 */
export interface ReporterHistory {
  readonly reporter: DomainName
  readonly days: number
  readonly firstDayAt: UnixMs
  readonly lastDayAt: UnixMs
}

/** A problem that our own looks saw: the life of one incident, suspicions included. */
export interface OwnSighting {
  readonly code: FindingCode
  readonly subject: string | null
  readonly firstSeenAt: UnixMs
  /** Null while it lasts. */
  readonly endedAt: UnixMs | null
}

/** What TLS reports say about one domain, with what our own memory has to hold against it. */
export interface ReportWindow {
  /** Of the last 30 days, by day, then arrival. Empty when nobody reports. */
  readonly policies: readonly ReportedPolicy[]
  readonly reporters: ReadonlyMap<DomainName, ReporterHistory>
  /** Incidents of the domain that touch those days. */
  readonly ownSightings: readonly OwnSighting[]
  /** For each MX host named in a failure: every address it was ever seen to have, and since when we look at it. */
  readonly hostAddresses: ReadonlyMap<
    string,
    readonly { readonly address: string; readonly firstSeenAt: UnixMs }[]
  >
  /** When the domain was first looked at by ourselves; null: never. */
  readonly firstLookAt: UnixMs | null
  /** When a mailbox was last read to its end; null: never, or there is none. */
  readonly mailboxReadAt: UnixMs | null
}

export const NO_REPORTS: ReportWindow = {
  policies: [],
  reporters: new Map(),
  ownSightings: [],
  hostAddresses: new Map(),
  firstLookAt: null,
  mailboxReadAt: null,
}

/** What our own looks at the same host say about a reported failure. */
export type OwnView =
  /** We see it too, and it lasts. */
  | 'confirmed'
  /** We saw it on that day, and it is over. */
  | 'fixed-since'
  /** We looked that day and saw nothing of the kind. */
  | 'not-reproduced'
  /** We did not look that day, or it is nothing that a look can see. */
  | 'unknown'

/** The failures of one kind at one host, of all reporters together. */
export interface ReportedFailure {
  /** A result type of RFC 8460 §4.3, or what the sender wrote; null: not given. */
  readonly resultType: string | null
  readonly mx: string | null
  readonly firstDayAt: UnixMs
  readonly lastDayAt: UnixMs
  readonly reporters: readonly {
    readonly reporter: DomainName
    readonly organization: string | null
    readonly failedSessions: number
    /** Of all sessions of this reporter with the domain on those days. */
    readonly ofSessions: number
    readonly known: boolean
  }[]
  /** At most five of each, as reported. */
  readonly receivingIps: readonly string[]
  readonly sendingMtaIps: readonly string[]
  readonly reasonCodes: readonly string[]
  readonly ownView: OwnView
}
