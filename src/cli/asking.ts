import { existsSync } from 'node:fs'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import { systemClock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import type { Io } from './io.ts'
import { openMemory } from './memory.ts'

export interface Asking {
  readonly store: Store
  readonly timezone: string
}

/** What the asking commands need; null after the reason was printed. A broken watch list does not hide the past. */
export async function openAsking(configFile: string, io: Io): Promise<Asking | null> {
  const store = await openMemory(io)
  if (store === null) {
    io.err('stswatch: nothing is remembered yet: there is no database. Start watching with: stswatch run\n')
    return null
  }
  return { store, timezone: await timezoneOf(configFile, io) }
}

async function timezoneOf(configFile: string, io: Io): Promise<string> {
  if (!existsSync(configFile)) return 'UTC'
  const loaded = await loadWatchConfig(configFile, loadContext(io.env, systemClock))
  return loaded.ok ? loaded.config.timezone : 'UTC'
}
