/** What the main thread and the reading thread say to each other: one answer to each order, in the same order. */
import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IntakeOrigin, IntakeReading } from './intake.ts'
import type { ReportUnit } from './report-units.ts'
import type { KeyLookUp } from './signing-key.ts'

export type IntakeOrder =
  | {
      readonly kind: 'read'
      readonly id: number
      readonly bytes: Uint8Array
      readonly origin: IntakeOrigin
      readonly now: UnixMs
    }
  | {
      readonly kind: 'keys'
      readonly id: number
      readonly keys: readonly (readonly [DomainName, KeyLookUp])[]
    }
  | { readonly kind: 'more'; readonly id: number }

export type IntakeAnswer =
  /** These keys decide who answers for the reports: `keys` is to be the next order. */
  | { readonly kind: 'keys-wanted'; readonly id: number; readonly names: readonly DomainName[] }
  | { readonly kind: 'reading'; readonly id: number; readonly reading: IntakeReading }
  /** A reading that is too large for one message: its reports come in pieces, each after a `more`. */
  | { readonly kind: 'large-reading'; readonly id: number; readonly reading: IntakeReading }
  | {
      readonly kind: 'piece'
      readonly id: number
      readonly units: readonly ReportUnit[]
      readonly isLast: boolean
    }

/** What the reading thread is told when it starts. */
export interface IntakeThreadData {
  readonly trustAuthservId: string | null
}
