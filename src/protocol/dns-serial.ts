const SPACE = 2 ** 32
const HALF = 2 ** 31

/**
 * Is `one` older than `other` in serial arithmetic (RFC 1982 §3.2)? Two serials half a circle apart are in no order: false.
 */
export function isOlderSerial(one: number, other: number): boolean {
  const ahead = (other - one + SPACE) % SPACE
  return ahead > 0 && ahead < HALF
}

/** The one that none of the others is newer than; null of none. */
export function newestSerial(serials: readonly number[]): number | null {
  const [first, ...rest] = serials
  if (first === undefined) return null
  return rest.reduce((newest, serial) => (isOlderSerial(newest, serial) ? serial : newest), first)
}
