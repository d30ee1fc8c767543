import { existsSync } from 'node:fs'
import { rawRetentionMs } from '../app/lanes/upkeep-lane.ts'
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
  return ok({ store, ...(await settingsOf(configFile, io)) })
}

async function settingsOf(configFile: string, io: Io): Promise<Omit<Asking, 'store'>> {
  const loaded = existsSync(configFile)
    ? await loadWatchConfig(configFile, loadContext(io.env, systemClock))
    : null
  const config = loaded?.ok ? loaded.config : { timezone: 'UTC', mailbox: null }
  return { timezone: config.timezone, rawKeptMs: rawRetentionMs(config) }
}
