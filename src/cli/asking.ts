import { existsSync } from 'node:fs'
import { rawRetentionMs } from '../app/lanes/upkeep-lane.ts'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { systemClock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import { loadEnv } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'

export interface Asking {
  readonly store: Store
  /** Null when there is none, or it is broken. */
  readonly config: WatchConfig | null
  readonly timezone: string
  /** How long the bytes of reports are kept after their arrival. */
  readonly rawKeptMs: number
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
  const config = await configOf(configFile, io)
  const rawKeptMs = rawRetentionMs(config ?? { mailbox: null })
  return ok({ store, config, timezone: config?.timezone ?? 'UTC', rawKeptMs })
}

async function configOf(configFile: string, io: Io): Promise<WatchConfig | null> {
  if (!existsSync(configFile)) return null
  const loaded = await loadWatchConfig(configFile, loadContext(io.env, systemClock))
  return loaded.ok ? loaded.config : null
}
