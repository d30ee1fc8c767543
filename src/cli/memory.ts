import { existsSync } from 'node:fs'
import type { JudgeContext } from '../check/facts.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import { loadEnv } from './installation.ts'
import type { Io } from './io.ts'

/** Opens this installation's database for looking only; null when there is none yet. */
export async function openMemory(io: Io): Promise<Store | null> {
  const env = loadEnv(io)
  if (env === null || !existsSync(env.databaseFile)) return null
  // Loaded when there is something to read: it takes as long as all the rest of a look on a fast network.
  const { openStore } = await import('../store/sqlite.ts')
  return openStore(env.databaseFile, {
    owner: false,
    allowNetworkFilesystem: false,
    warn: (line) => io.err(`${line}\n`),
  })
}

/** What is remembered of a domain and its judging needs; nothing where nothing is remembered. */
export async function readMemory(
  domain: DomainName,
  io: Io,
): Promise<Pick<JudgeContext, 'before' | 'versions'>> {
  const store = await openMemory(io)
  if (store === null) return { before: null, versions: [] }
  await using memory = store
  return {
    before: await memory.snapshots.latestAnswered(domain),
    versions: await memory.snapshots.policyVersions(domain),
  }
}
