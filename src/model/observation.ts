import type { UnixMs } from '../lib/time.ts'
import type { Fault } from './fault.ts'

/** What one probe saw, once. It reports, never judges, and is never thrown: a remote fault is a value. */
export type Observation<T> = Seen<T> | Absent | Failed | Skipped

export interface Seen<T> {
  readonly outcome: 'seen'
  readonly at: UnixMs
  readonly tookMs: number
  readonly value: T
}

/** An authoritative no: the DNS says that the name (NXDOMAIN) or the record type (NODATA) does not exist. */
export interface Absent {
  readonly outcome: 'absent'
  readonly at: UnixMs
  readonly tookMs: number
  readonly denial: 'nxdomain' | 'nodata'
  readonly security: DnsSecurity
}

export interface Failed {
  readonly outcome: 'failed'
  readonly at: UnixMs
  readonly tookMs: number
  readonly fault: Fault
}

/** Not looked at, because an earlier observation made it moot. */
export interface Skipped {
  readonly outcome: 'skipped'
  readonly because: string
}

/** RFC 4035 §4.3 as a stub behind a validating resolver sees it; bogus arrives as a fault, never as an answer. */
export type DnsSecurity = 'secure' | 'insecure'
