import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 20
const TOTAL_MS = 20_000

/** Waits until another process has done something that it does not announce; throws after twenty seconds. */
export async function eventually(happened: () => boolean): Promise<void> {
  const deadline = performance.now() + TOTAL_MS
  while (!happened()) {
    if (performance.now() > deadline) throw new Error(`it has not happened within ${TOTAL_MS} ms`)
    await sleep(POLL_MS)
  }
}
