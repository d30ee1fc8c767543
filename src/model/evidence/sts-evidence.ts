import type { UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { IpAddress } from '../../protocol/ip-address.ts'
import type { AddressEvidence, ProblemEvidence, ReaderEvidence } from './evidence-parts.ts'

/** Findings about the MTA-STS record and policy (RFC 8461). */
export interface StsEvidence {
  'mta-sts.record.missing': {
    /** TXT records at the name that are no MTA-STS records. */
    readonly otherRecords: readonly string[]
    readonly policyServed: boolean
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.record.invalid': ReaderEvidence & {
    readonly records: readonly string[]
    readonly problems: readonly ProblemEvidence[]
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.record.multiple': { readonly records: readonly string[]; readonly cachedUntil: UnixMs | null }
  'mta-sts.record.questionable': ReaderEvidence & {
    readonly record: string
    readonly problems: readonly ProblemEvidence[]
  }
  'mta-sts.policy.unfetchable': {
    readonly policyHost: DomainName
    readonly cause: FetchFailureCause
    readonly failures: readonly AddressEvidence[]
    readonly of: number
    /** Policy mode the severity was derived from; null when none was ever seen. */
    readonly mode: 'enforce' | 'testing' | 'none' | null
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.policy.invalid': ReaderEvidence & {
    /** The first 4,096 characters. */
    readonly body: string
    readonly problems: readonly ProblemEvidence[]
    readonly cachedUntil: UnixMs | null
  }
  'mta-sts.policy.questionable': ReaderEvidence & { readonly problems: readonly ProblemEvidence[] }
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
