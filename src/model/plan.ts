import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { RemedyLine } from './description.ts'
import type { FindingCode } from './finding.ts'

export type PlanKind = 'publish' | 'enforce' | 'change-mx' | 'retire' | 'roll-tlsa'

/** The ordered steps of one change, with where the live world stands among them. */
export interface Plan {
  readonly kind: PlanKind
  readonly domain: DomainName
  /** When the world was looked at. */
  readonly madeAt: UnixMs
  readonly state: PlanState
  /** Never empty; the instants in `earliestAt` never decrease. */
  readonly steps: readonly PlanStep[]
  /** What is not known, and what was assumed instead; a sentence each. */
  readonly unknowns: readonly string[]
  readonly tooEarly: readonly EarlyStep[]
}

export type PlanState = 'done' | 'next' | 'waiting' | 'blocked' | 'undecided'

export interface PlanStep {
  /** Unique in its plan and lasting: how two looks at one plan are compared. */
  readonly id: string
  /** What is to be done, in one line. */
  readonly title: string
  /** How, with the exact record or file. */
  readonly lines: readonly RemedyLine[]
  /** What it waits for, apart from the steps before it; those that lie in the past are left out. */
  readonly waits: readonly PlanWait[]
  /** The earliest safe instant, if every step before it is done as soon as it is safe; null when it is done. */
  readonly earliestAt: UnixMs | null
  /** How it is recognised as done. */
  readonly doneWhen: string
  readonly state: StepState
}

export type StepState =
  | { readonly name: 'done' }
  | { readonly name: 'next' }
  | { readonly name: 'waiting'; readonly until: UnixMs }
  /** An earlier step comes first. */
  | { readonly name: 'later'; readonly until: UnixMs }
  | { readonly name: 'blocked'; readonly by: readonly PlanBlock[] }
  | { readonly name: 'undecided'; readonly because: string }

/** A finding that has to go first; `code` null: what `detail` says is no finding by itself. */
export interface PlanBlock {
  readonly code: FindingCode | null
  readonly subject: string | null
  readonly detail: string | null
}

/** Why a step has to wait, and until when. */
export type PlanWait =
  /** Senders may hold copies of a policy that does not suit the step. */
  | {
      readonly kind: 'held-policies'
      readonly until: UnixMs
      readonly mode: 'enforce' | 'testing' | 'none'
      readonly mxPatterns: readonly string[]
      /** From then on senders that look at the record before they trust a copy have the new policy. */
      readonly lookingUntil: UnixMs
      /** Nobody saw that policy: it is assumed. */
      readonly isAssumed: boolean
    }
  /** Caches may still give an earlier answer. */
  | {
      readonly kind: 'old-answer'
      readonly of: 'sts-record' | 'mx' | 'tlsa'
      readonly until: UnixMs
      readonly ttlSeconds: number
    }
  /** Senders may have mail in their queues for hosts that they found earlier. */
  | { readonly kind: 'queues'; readonly until: UnixMs }
  /** A policy is tried for as long as the copies of it live. */
  | { readonly kind: 'trial'; readonly until: UnixMs; readonly maxAgeSeconds: number }

/** A step that was done before it was safe. */
export interface EarlyStep {
  readonly step: string
  readonly title: string
  /** Who is hurt, and how; without until when. */
  readonly hurt: string
  /** Null: until the step before it is done. */
  readonly until: UnixMs | null
  /** How to go back. */
  readonly remedy: readonly RemedyLine[]
}
