import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** What differs between two looks at a domain, told so that a person can read it. */
export interface Change {
  readonly domain: DomainName
  readonly at: UnixMs
  readonly part: ChangePart
  /** The host or address concerned; null for the domain. */
  readonly subject: string | null
  /** One line: "policy mode: enforce → testing". */
  readonly summary: string
  /** Removed and added lines, as in a diff; both may be empty. */
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** Worth a message by itself, or only a line in the history. */
  readonly notable: boolean
  /** Until when resolvers may still give the old answer; null where nothing is kept or nobody knows. */
  readonly settles: Settling | null
}

/** How a change of the DNS spreads. */
export interface Settling {
  /** The longest life of the old answer in a cache, counted from when it was last served. */
  readonly at: UnixMs
  /** Authoritative servers that still gave the old answer then: the clock begins anew when they have the new one. */
  readonly waitingFor: readonly DomainName[]
}

export type ChangePart =
  | 'sts-record'
  | 'sts-policy'
  | 'tlsrpt-record'
  | 'mx'
  | 'tlsa'
  | 'policy-certificate'
  | 'mx-certificate'
  | 'mx-session'
