import { alarmPathSentences } from '../check/alarm-path.ts'
import { formatConfigNotice, formatConfigProblems } from '../config/config-problem.ts'
import { readEnv } from '../config/env.ts'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import { missingSecrets } from '../config/missing-secrets.ts'
import { systemClock } from '../lib/time.ts'
import { EXIT, type Io } from './io.ts'

/**
 * `stswatch check-config`: the judgement that `run` starts with, without a socket (S52). Exit status 0, or 78 with
 * every mistake of the file and of the environment told.
 */
export async function validateCommand(configFile: string, io: Io): Promise<number> {
  const loaded = await loadWatchConfig(configFile, loadContext(io.env, systemClock))
  const env = readEnv(io.env)
  if (!loaded.ok) io.err(`${formatConfigProblems(loaded.problems)}\n`)
  if (!env.ok) for (const sentence of env.error) io.err(`environment: ${sentence}\n`)
  if (!loaded.ok || !env.ok) return EXIT.config

  const missing = missingSecrets(loaded.config, env.value)
  for (const sentence of missing) io.err(`${configFile}: ${sentence}\n`)
  if (missing.length > 0) return EXIT.config
  for (const notice of loaded.notices) io.err(`note: ${formatConfigNotice(notice)}\n`)
  const { domains, channels } = loaded.config
  for (const sentence of alarmPathSentences({
    channels,
    watched: new Set(domains.map(({ name }) => name)),
    // Without a socket nothing is known of mail hosts.
    watchedHosts: new Set(),
    mailHosts: new Map(),
  })) {
    io.err(`note: ${sentence}\n`)
  }
  io.out(`${counted(domains.length, 'domain')}, ${counted(channels.size, 'channel')}, ok\n`)
  return EXIT.ok
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
