import { hostname } from 'node:os'
import type { Clock, UnixMs } from '../lib/time.ts'
import { isLab } from './env.ts'

/** What the reading of watch.yaml depends on besides the file. */
export interface LoadContext {
  /** The name of this machine: what EHLO says unless the file has `ehlo_name`. */
  readonly hostname: string
  /** Schedules are looked at for 400 days from here (R17). */
  readonly now: UnixMs
  /** STSWATCH_LAB is set: loopback and nothing else may be probed (S29). */
  readonly lab: boolean
}

/** The context of this machine. */
export function loadContext(env: Readonly<Record<string, string | undefined>>, clock: Clock): LoadContext {
  return { hostname: hostname(), now: clock.now(), lab: isLab(env) }
}
