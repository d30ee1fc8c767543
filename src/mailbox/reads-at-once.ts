/** More mails only wait. */
export const READS_AT_ONCE = 64

/** Of the copies that wait at the thread; the largest mails would take a gibibyte together. */
const WAITING_BYTES_AT_ONCE = 4 * 1024 * 1024

/**
 * How many of the requests, given by their lengths in bytes in the order of arrival, are worth giving to the reading thread
 * at once: the first, whatever its length, and those that may wait behind it.
 */
export function readsAtOnce(lengths: Iterable<number>): number {
  let reads = 0
  let waitingBytes = 0
  for (const length of lengths) {
    if (reads > 0) waitingBytes += length
    if (reads === READS_AT_ONCE || waitingBytes > WAITING_BYTES_AT_ONCE) return reads
    reads += 1
  }
  return reads
}
