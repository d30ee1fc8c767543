import { systemClock } from '../lib/time.ts'
import { acquireInstanceLock } from '../store/instance-lock.ts'

/** Does a monitor do the work on this database at this moment? Holds its lock while it asks, for a few milliseconds. */
export async function isRunning(databaseFile: string): Promise<boolean> {
  const lock = await acquireInstanceLock(databaseFile, 'worker', systemClock.now())
  if (!lock.ok) return true
  await lock.value[Symbol.asyncDispose]()
  return false
}
