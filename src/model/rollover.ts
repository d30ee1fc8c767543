import type { UnixMs } from '../lib/time.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { Fault } from './fault.ts'
import type { StagedKey } from './staged-key.ts'

/** How far the change of an MX host's key has come (RFC 7671 §8.1). */
export interface Rollover {
  readonly host: string
  readonly staged: StagedKey
  readonly state: RolloverState
  /** The line to publish: what vouches for the staged key. */
  readonly record: string
  /** Addresses that present the staged key, and those that present another. */
  readonly presentNew: readonly IpAddress[]
  readonly presentOld: readonly IpAddress[]
}

export type RolloverState =
  /** We could not find out. */
  | { readonly name: 'unknown'; readonly because: Fault }
  /** The host has no TLSA records that count: nothing must be published first. */
  | { readonly name: 'not-under-dane' }
  | { readonly name: 'missing' }
  /** Authoritative servers that do not have the record yet. */
  | { readonly name: 'published-at-some'; readonly lacking: readonly string[]; readonly of: number }
  /** Published everywhere; resolvers may still hold the set of before. */
  | {
      readonly name: 'spreading'
      readonly since: Since
      readonly ttlSeconds: number
      readonly safeAt: UnixMs
    }
  | { readonly name: 'safe-to-install'; readonly safeAt: UnixMs }
  /** Some addresses present it, others do not, or could not be looked at. */
  | { readonly name: 'installing' }
  | { readonly name: 'installed'; readonly since: UnixMs; readonly oldMayGoAt: UnixMs }
  | { readonly name: 'old-may-go'; readonly oldMayGoAt: UnixMs; readonly oldRecords: readonly string[] }
  | { readonly name: 'done' }

/** How long a state has held; `isExact`: the look before it saw another, so that it did not begin earlier. */
export interface Since {
  readonly at: UnixMs
  readonly isExact: boolean
}

/** What earlier looks at a host saw, oldest first: answers only, each from the first look with it to the last. */
export interface HostHistory {
  readonly tlsa: readonly Run<SeenTlsa>[]
  /** By address: SHA-256 of the key that was presented. */
  readonly keys: ReadonlyMap<string, readonly Run<string>[]>
}

export interface Run<T> {
  readonly firstAt: UnixMs
  readonly value: T
}

export interface SeenTlsa {
  readonly records: readonly string[]
  /** Of the first look with these records; null: there were none. */
  readonly ttlSeconds: number | null
}

export const NO_HISTORY: HostHistory = { tlsa: [], keys: new Map() }
