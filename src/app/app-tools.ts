import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Monitor } from './monitor.ts'

/** What the jobs work with: every door to the outside, once. */
export interface AppTools {
  readonly store: Store
  readonly monitor: Monitor
  readonly clock: Clock
  readonly newId: NewId
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  readonly log: Logger
  readonly heartbeat: Heartbeat
  /** How long messages wait for company (R67). */
  readonly grouping: { readonly groupWaitMs: number; readonly groupIntervalMs: number }
}
