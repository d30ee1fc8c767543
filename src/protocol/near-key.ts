/**
 * The known key that `key` was probably meant to be: the same but for case and hyphens, or one slip of the keyboard away
 * (a letter added, lost, changed or swapped). Null when it is a known key itself or resembles none.
 */
export function nearKey(key: string, known: readonly string[]): string | null {
  if (known.includes(key)) return null
  const plain = key.toLowerCase().replaceAll('-', '_')
  return known.find((candidate) => plain === candidate || isOneSlip(plain, candidate)) ?? null
}

function isOneSlip(key: string, known: string): boolean {
  const longer = key.length > known.length
  // A key of two letters resembles too much: only an added letter or a swap counts.
  if (known.length <= 2 && !longer && !isSwapped(key, known)) return false
  if (Math.abs(key.length - known.length) > 1) return false
  let start = 0
  while (start < key.length && key[start] === known[start]) start++
  if (key.length === known.length) {
    return key.slice(start + 1) === known.slice(start + 1) || isSwapped(key.slice(start), known.slice(start))
  }
  return longer ? key.slice(start + 1) === known.slice(start) : key.slice(start) === known.slice(start + 1)
}

function isSwapped(a: string, b: string): boolean {
  return a.length === b.length && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2)
}
