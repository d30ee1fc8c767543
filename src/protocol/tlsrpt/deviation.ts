import { display } from '../../lib/display.ts'
import { type DeviationCode, deviationWeight } from './deviation-codes.ts'

/** Where a sender left the RFC and we read on, or could not. One for each code: the first place, and how often. */
export interface Deviation {
  readonly code: DeviationCode
  /** The first place: `policies[0].policy.mx-host`, or `` for the whole. */
  readonly where: string
  /** What stood there, short and safe to show; null when nothing did. */
  readonly found: string | null
  readonly times: number
}

/** Notes one deviation; `found` is untrusted. */
export type Note = (code: DeviationCode, where: string, found?: unknown) => void

export interface Diary {
  readonly note: Note
  /** In the order first met. A hostile report cannot make the list longer than the list of codes. */
  readonly entries: () => readonly Deviation[]
}

export function openDiary(): Diary {
  const entries = new Map<DeviationCode, Deviation>()
  return {
    note: (code, where, found) => {
      const known = entries.get(code)
      entries.set(
        code,
        known === undefined
          ? { code, where, found: excerpt(found), times: 1 }
          : { ...known, times: known.times + 1 },
      )
    },
    entries: () => [...entries.values()],
  }
}

/** Several diaries as one: the first place of each code, all times added. */
export function mergeDeviations(diaries: readonly (readonly Deviation[])[]): readonly Deviation[] {
  const merged = new Map<DeviationCode, Deviation>()
  for (const entry of diaries.flat()) {
    const known = merged.get(entry.code)
    merged.set(entry.code, known === undefined ? entry : { ...known, times: known.times + entry.times })
  }
  return [...merged.values()]
}

/**
 * accept: conforms. accept_warn: all was read, not all conforms. partial: some was lost. reject: no report could be read.
 */
export type ReadingOutcome = 'accept' | 'accept_warn' | 'partial' | 'reject'

export function readingOutcome(reports: number, deviations: readonly Deviation[]): ReadingOutcome {
  if (reports === 0) return 'reject'
  if (deviations.some(({ code }) => deviationWeight(code) !== 'read')) return 'partial'
  return deviations.length > 0 ? 'accept_warn' : 'accept'
}

function excerpt(found: unknown): string | null {
  if (found === undefined || found === null) return null
  if (Array.isArray(found)) return 'an array'
  return display(typeof found === 'object' ? 'an object' : String(found).slice(0, 400), 80)
}
