import type { UnixMs } from '../../lib/time.ts'
import type { IpAddress } from '../../protocol/ip-address.ts'

/** Findings about the change of an MX host's key under DANE (RFC 7671 §8.1). */
export interface RolloverEvidence {
  'dane.rollover.too-early': {
    readonly host: string
    /** As `hosts` names the key. */
    readonly source: string
    readonly why: 'missing' | 'not-everywhere' | 'cached'
    /** Authoritative servers without the record; empty unless that is why. */
    readonly lacking: readonly string[]
    /** Addresses that present the key already, of those that could be looked at. */
    readonly addresses: readonly IpAddress[]
    readonly of: number
    /** When the record was first seen; null: it is not there. */
    readonly publishedAt: UnixMs | null
    /** Until when resolvers may hold the set without it; null: as long as it is missing somewhere. */
    readonly refusedUntil: UnixMs | null
    readonly record: string
  }
  'dane.rollover.old-record-gone-early': {
    readonly host: string
    readonly source: string
    /** Addresses that still present a key that no record vouches for. */
    readonly addresses: readonly IpAddress[]
    readonly of: number
    /** The record of the key that they present. */
    readonly record: string
    /** When the staged key may be installed instead; null: its record is not everywhere yet. */
    readonly safeAt: UnixMs | null
  }
  'dane.rollover.stalled': {
    readonly host: string
    readonly source: string
    readonly why: 'not-installed' | 'old-record' | 'certificate-ends'
    /** Since when it stands still, or when the staged certificate ends. */
    readonly at: UnixMs
    /** Records of the key that nobody presents any more. */
    readonly oldRecords: readonly string[]
  }
}
