/** More mails only wait. */
export const READS_AT_ONCE = 64

/** Of the copies that wait at the thread; the largest mails would take a gibibyte together. */
const WAITING_BYTES_AT_ONCE = 4 * 1024 * 1024

/**
 * Tells which requests are worth giving to the reading thread at once: asked for one after the other in the order of arrival,
 * with their lengths in bytes, it says yes to the first, whatever its length, and to those that may wait behind it. After
 * its first no there is nothing to ask.
 */
export function readsAtOnce(): (bytes: number) => boolean {
  let reads = 0
  let waitingBytes = 0
  return (bytes) => {
    reads += 1
    if (reads === 1) return true
    waitingBytes += bytes
    return reads <= READS_AT_ONCE && waitingBytes <= WAITING_BYTES_AT_ONCE
  }
}
