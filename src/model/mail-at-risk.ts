import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/**
 * How much of what senders reported rests on a thing that is broken, or will be. Counts are sessions, not messages (RFC 8460
 * §4.2), and of known reporters alone.
 */
export interface MailAtRisk {
  /**
   * What becomes of the sessions at risk. `defer`: no MX host is known that these senders would take instead. `other-host`:
   * they try another MX host or address first. `report-only`: they deliver and report (mode testing).
   */
  readonly effect: 'defer' | 'other-host' | 'report-only'
  /** Of all reporters, each session once. */
  readonly sessions: number
  /** Those of senders that enforce what is broken; successes are reported without their MX host, so it is an upper bound. */
  readonly atRisk: number
  /** UTC days that reports are about, from the first to the last. */
  readonly days: number
  readonly firstDayAt: UnixMs
  readonly lastDayAt: UnixMs
  /** Whose sessions are at risk, the most first; at most three of so many. */
  readonly reporters: { readonly total: number; readonly first: readonly DomainName[] }
}
