import type { FindingCode } from '../model/finding.ts'

/** The page of a finding, apart from any single case of it. */
export interface CatalogueEntry {
  readonly code: FindingCode
  /** One line: what it says when it is found. */
  readonly summary: string
  /** How grave it is, and on what that depends. */
  readonly severity: string
  /** Why it matters: who is hurt, and how. */
  readonly why: string
  /** What to do in general; an alert has the exact line. */
  readonly remedy: string
  /** "RFC 8461 §3.1"; null where no standard says anything. */
  readonly rfc: string | null
  /** Looks that must agree, and over how many minutes at least, before it is told. */
  readonly confirmation: { readonly looks: number; readonly minutes: number }
}

/** An entry without its code, which is the key it stands under. */
export type Page = Omit<CatalogueEntry, 'code'>

export type Pages<C extends FindingCode> = { readonly [K in C]: Page }

/** Confirmations by kind of finding. */
export const AT_ONCE = { looks: 1, minutes: 0 }
export const TWICE = { looks: 2, minutes: 5 }
export const ABSENT = { looks: 3, minutes: 10 }
export const THRICE = { looks: 3, minutes: 15 }
export const HANDSHAKES = { looks: 2, minutes: 1 }
export const BLIND = { looks: 2, minutes: 3 }

export const BY_MODE = 'critical in mode enforce, otherwise warning'
export const BY_MODE_MX = 'critical in mode enforce, warning in mode testing, otherwise info'
