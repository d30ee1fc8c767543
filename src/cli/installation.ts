import { formatConfigNotice, formatConfigProblems } from '../config/config-problem.ts'
import { type Env, readEnv } from '../config/env.ts'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { systemClock } from '../lib/time.ts'
import type { Io } from './io.ts'

export interface Installation {
  readonly env: Env
  readonly config: WatchConfig
}

/** The environment and the watch list of this installation; null after everything wrong with them was printed. */
export async function loadInstallation(configFile: string, io: Io): Promise<Installation | null> {
  const env = loadEnv(io)
  const loaded = await loadWatchConfig(configFile, loadContext(io.env, systemClock))
  if (!loaded.ok) {
    io.err(`${formatConfigProblems(loaded.problems)}\n`)
    return null
  }
  for (const notice of loaded.notices) io.err(`${formatConfigNotice(notice)}\n`)
  return env === null ? null : { env, config: loaded.config }
}

/** The environment alone; null after everything wrong with it was printed. */
export function loadEnv(io: Io): Env | null {
  const env = readEnv(io.env)
  if (env.ok) return env.value
  for (const problem of env.error) io.err(`environment: ${problem}\n`)
  return null
}
