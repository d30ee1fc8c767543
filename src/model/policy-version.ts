import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/**
 * One line of the cache-horizon ledger: a policy text served under a record id, and until when a sender that
 * fetched it at the last possible moment may still apply it (RFC 8461 §3.3, §5.1).
 */
export interface PolicyVersion {
  readonly domain: DomainName
  /** The record id it was served under; null when the record was not seen at that time. */
  readonly recordId: string | null
  readonly bodySha256: string
  readonly body: string
  readonly mode: 'enforce' | 'testing' | 'none'
  readonly maxAgeSeconds: number
  readonly mxPatterns: readonly string[]
  readonly firstSeenAt: UnixMs
  readonly lastSeenAt: UnixMs
  /** lastSeenAt + max_age. */
  readonly horizonAt: UnixMs
}

/** A policy as a sender says that it applied it. */
export type AppliedPolicy = Pick<PolicyVersion, 'mode' | 'maxAgeSeconds' | 'mxPatterns'>
