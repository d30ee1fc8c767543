import { existsSync } from 'node:fs'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { systemClock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import { loadEnv } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'

export interface Asking {
  readonly store: Store
  readonly timezone: string
}

export const NOTHING_REMEMBERED =
  'stswatch: nothing is remembered yet: there is no database. Start watching with: stswatch run\n'

/**
 * What the asking commands need, or the exit status after the reason was printed. A broken watch list does not hide
 * the past.
 */
export async function openAsking(configFile: string, io: Io): Promise<Result<Asking, number>> {
  const env = loadEnv(io)
  if (env === null) return err(EXIT.config)
  const store = await openMemory(env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return err(EXIT.noInput)
  }
  return ok({ store, timezone: await timezoneOf(configFile, io) })
}

async function timezoneOf(configFile: string, io: Io): Promise<string> {
  if (!existsSync(configFile)) return 'UTC'
  const loaded = await loadWatchConfig(configFile, loadContext(io.env, systemClock))
  return loaded.ok ? loaded.config.timezone : 'UTC'
}
