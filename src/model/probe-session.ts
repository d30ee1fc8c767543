import type { DomainName } from '../protocol/domain-name.ts'
import type { KnownPolicyType, KnownResultType } from '../protocol/tlsrpt/result-type.ts'

/** What a sending MTA would note of one session that a scheduled look made with a mail host (RFC 8460 §4). */
export interface ProbeSession {
  readonly policy: SessionPolicy
  /** Empty: the session was secured as the policy asks. Types are not exclusive: there may be several (RFC 8460 §4). */
  readonly failures: readonly SessionFailure[]
}

/** The policy that the session was held against. */
export interface SessionPolicy {
  readonly policyType: KnownPolicyType
  /** Exactly as seen, one line or TLSA record each (RFC 8460 §4.5); empty when none could be had. */
  readonly policyString: readonly string[]
  /** For tlsa the TLSA base domain (RFC 8460 §1.1). */
  readonly policyDomain: DomainName
  /** Of an MTA-STS policy; else empty. */
  readonly mxHostPatterns: readonly string[]
}

export interface SessionFailure {
  readonly resultType: KnownResultType
  /** Null, as the two below, when it happened before there was a mail host to speak of. */
  readonly sendingMtaIp: string | null
  readonly receivingMxHostname: string | null
  readonly receivingIp: string | null
  /** More than the type says; null: nothing. May hold untrusted text. */
  readonly reasonCode: string | null
}

/** Equal sessions of one UTC day, counted. */
export interface CountedSession extends ProbeSession {
  readonly sessions: number
}
