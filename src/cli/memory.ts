import { existsSync } from 'node:fs'
import { loadMxJoined } from '../app/mx-joined.ts'
import { loadReportWindow, REPORT_WINDOW_DAYS } from '../app/report-window.ts'
import { stagedRollovers } from '../app/staged-rollovers.ts'
import type { JudgeContext } from '../check/facts.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { systemClock } from '../lib/time.ts'
import { NO_REPORTS } from '../model/report-window.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import type { Io } from './io.ts'

/** Opens this installation's database for looking only; null when there is none yet. */
export async function openMemory({ databaseFile }: Env, io: Io): Promise<Store | null> {
  if (!existsSync(databaseFile)) return null
  // Loaded when there is something to read: it takes as long as all the rest of a look on a fast network.
  const { openStore } = await import('../store/sqlite.ts')
  return openStore(databaseFile, {
    owner: false,
    allowNetworkFilesystem: false,
    warn: (line) => io.err(`${line}\n`),
  })
}

/** What is remembered of the domains that are checked. The database is opened once, at the first question. */
export class Memory implements AsyncDisposable {
  readonly #env: Env
  readonly #io: Io
  #store: Promise<Store | null> | null = null

  constructor(env: Env, io: Io) {
    this.#env = env
    this.#io = io
  }

  /** What judging a domain needs; nothing where nothing is remembered. */
  async of(domain: DomainName): Promise<Pick<JudgeContext, 'before' | 'versions' | 'reports' | 'mxJoined'>> {
    const store = await this.#opened()
    if (store === null) return { before: null, versions: [], reports: NO_REPORTS, mxJoined: new Map() }
    const span = { now: systemClock.now(), days: REPORT_WINDOW_DAYS, mailboxReadAt: null }
    const versions = await store.snapshots.policyVersions(domain)
    return {
      before: await store.snapshots.latestAnswered(domain),
      versions,
      reports: await loadReportWindow(domain, span, store),
      mxJoined: await loadMxJoined(domain, versions, systemClock.now(), store),
    }
  }

  /** Changes of keys at the MX hosts of a look. */
  async rollovers(snapshot: Snapshot, config: WatchConfig): Promise<JudgeContext['rollovers']> {
    if (config.stagedKeys.size === 0) return new Map()
    const store = await this.#opened()
    return stagedRollovers(snapshot, config, store?.snapshots ?? null)
  }

  #opened(): Promise<Store | null> {
    this.#store ??= openMemory(this.#env, this.#io)
    return this.#store
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Why it could not be opened was told to whoever asked.
    const store = await this.#store?.catch(() => null)
    await store?.[Symbol.asyncDispose]()
  }
}
