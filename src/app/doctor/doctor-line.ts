import type { Env } from '../../config/env.ts'
import type { WatchConfig } from '../../config/watch-config.ts'
import type { Clock } from '../../lib/time.ts'
import type { Resolver } from '../../model/dns.ts'
import type { Probe } from '../../probe/probe.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { World } from '../open-probe.ts'

/** unset: not configured, which is no failure. */
export type DoctorState = 'good' | 'warning' | 'bad' | 'unset'

/** What was tried, and what came of it. Holds no secret; untrusted text is made safe already. */
export interface DoctorLine {
  readonly topic: string
  readonly state: DoctorState
  readonly text: string
  /** Sentences and commands; empty when nothing is to be done. */
  readonly remedy: readonly string[]
}

/** One group of lines that are found out together. */
export interface DoctorCheck {
  readonly topic: string
  readonly deadlineMs: number
  run(tools: DoctorTools, signal: AbortSignal): Promise<readonly DoctorLine[]>
}

/** The machine as Node tells of it; tests pass another. */
export interface Machine {
  readonly versions: { readonly node: string; readonly sqlite: string }
  /** The file system's type number, as statfs(2) has it. */
  filesystemType(directory: string): Promise<number>
  space(directory: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
}

export interface DoctorTools {
  readonly config: WatchConfig
  readonly env: Env
  readonly clock: Clock
  readonly world: World
  readonly resolver: Resolver
  readonly probe: Probe
  /** Asked on port 25; empty: the canaries of the watch list. */
  readonly smtpHosts: readonly DomainName[]
  /** PEM roots for the servers of SMTP_URL, IMAP_URL and the webhooks; null: the system's. */
  readonly ca: string | null
  readonly machine: Machine
}

export function good(topic: string, text: string): DoctorLine {
  return { topic, state: 'good', text, remedy: [] }
}

export function unset(topic: string, text: string): DoctorLine {
  return { topic, state: 'unset', text, remedy: [] }
}

export function warning(topic: string, text: string, ...remedy: readonly string[]): DoctorLine {
  return { topic, state: 'warning', text, remedy }
}

export function bad(topic: string, text: string, ...remedy: readonly string[]): DoctorLine {
  return { topic, state: 'bad', text, remedy }
}
