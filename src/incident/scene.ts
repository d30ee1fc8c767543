import type { NewId } from '../lib/id.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Finding, Judgement } from '../model/finding.ts'
import type { Incident, ThreadId } from '../model/incident.ts'
import { type ConfirmationRule, confirmationOf } from './confirmation.ts'

/** What `advance` is given besides memory and judgement. */
export interface AdvanceTools {
  readonly newId: NewId
  /** The conversation that incidents with this cause share; null when it deserves one of its own. */
  readonly threadFor: (finding: Finding) => ThreadId | null
  /** The mass-failure brake (R30): true keeps a confirmed suspicion from opening. */
  readonly hold: (finding: Finding) => boolean
  /** How many resolvers are configured; what a single one misses must be missing twice as often (R26). */
  readonly resolvers: number
}

/** Everything one step of one incident may depend on. */
export interface Scene {
  readonly remembered: readonly Incident[]
  readonly judgement: Judgement
  readonly now: UnixMs
  readonly tools: AdvanceTools
}

export function ruleOf(finding: Finding, { tools }: Scene): ConfirmationRule {
  return confirmationOf(finding, tools.resolvers)
}
