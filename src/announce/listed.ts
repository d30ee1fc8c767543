import type { Listed } from '../model/weekly-summary.ts'

/** The first `most`, and how many there are. */
export function listed<T>(all: readonly T[], most: number): Listed<T> {
  return { total: all.length, first: all.slice(0, most) }
}
