/** `1:3,7` for [1, 2, 3, 7]: UIDs, ascending, as a sequence set (RFC 3501). Empty for none. */
export function uidSet(uids: readonly number[]): string {
  const ranges: { first: number; last: number }[] = []
  for (const uid of uids) {
    const current = ranges.at(-1)
    if (current !== undefined && uid === current.last + 1) current.last = uid
    else ranges.push({ first: uid, last: uid })
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join(',')
}
