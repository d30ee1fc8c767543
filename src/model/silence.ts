import type { UnixMs } from '../lib/time.ts'

export type SilenceId = string & { readonly __brand: 'SilenceId' }

/** A person wants to hear nothing of what the pattern names until then; it goes on being watched. */
export interface Silence {
  readonly id: SilenceId
  /** As written; see incident/silence.ts. */
  readonly pattern: string
  readonly until: UnixMs
  readonly by: string
  /** Null: none was given. */
  readonly reason: string | null
  readonly createdAt: UnixMs
}
