/** Two texts line by line; the order within `removed` and `added` is that of the texts. */
export interface LineDiff {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

// Above this many pairs of lines the table costs more than a readable answer is worth.
const MOST_PAIRS = 1_000_000

/** The shortest set of lines to take out and put in, by longest common subsequence; line ends do not count. */
export function diffLines(before: string, after: string): LineDiff {
  const old = lines(before)
  const fresh = lines(after)
  if (old.length * fresh.length > MOST_PAIRS) return { removed: old, added: fresh }
  const common = commonLengths(old, fresh)
  const removed: string[] = []
  const added: string[] = []
  let i = 0
  let j = 0
  while (i < old.length || j < fresh.length) {
    const was = old[i]
    const is = fresh[j]
    if (was !== undefined && was === is) {
      i += 1
      j += 1
    } else if (was !== undefined && (is === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      removed.push(was)
      i += 1
    } else if (is !== undefined) {
      added.push(is)
      j += 1
    }
  }
  return { removed, added }
}

function lines(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line, index, all) => line !== '' || index < all.length - 1)
}

/** Cell (i, j): the length of the longest common subsequence of what follows line i and line j. */
function commonLengths(old: readonly string[], fresh: readonly string[]): readonly (readonly number[])[] {
  let below: readonly number[] = new Array(fresh.length + 1).fill(0)
  const table = [below]
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row: number[] = new Array(fresh.length + 1).fill(0)
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === fresh[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
    table.push(row)
    below = row
  }
  return table.reverse()
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}
