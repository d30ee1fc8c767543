import { configProblemSentence } from '../config/config-problem.ts'
import { isLargeRemoval } from '../config/large-removal.ts'
import type { LoadedConfig } from '../config/parse-watch-config.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { Logger } from '../lib/log.ts'
import { type Clock, MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { App } from './app.ts'
import type { Monitor } from './monitor.ts'
import type { OpenedSettings } from './open-settings.ts'

const REMOVAL_WAIT_MS = 10 * MINUTE_MS

export interface ReloaderTools {
  readonly app: App
  readonly monitor: Monitor
  readonly clock: Clock
  readonly log: Logger
  load(): Promise<LoadedConfig>
  open(config: WatchConfig): OpenedSettings
}

/**
 * Exchanges the configuration of a running App: wholly or not at all. A file that is refused leaves the old one in
 * force and becomes the monitor's own incident.
 */
export class Reloader {
  readonly #tools: ReloaderTools
  /** A reload that would drop many domains waits for the same list to be read again ten minutes later (S50). */
  #removal: { readonly domains: string; readonly since: UnixMs } | null = null

  constructor(tools: ReloaderTools) {
    this.#tools = tools
  }

  /** True when the new configuration is in force. */
  async reload(): Promise<boolean> {
    const { app, monitor, log } = this.#tools
    const file = app.settings.config.file
    const loaded = await this.#tools.load()
    if (!loaded.ok) return this.#refuse(file, loaded.problems.map(configProblemSentence))
    if (!this.#maySwap(loaded.config)) return false
    const opened = this.#tools.open(loaded.config)
    if (!opened.ok) return this.#refuse(file, opened.problems)
    await app.reload(opened.settings)
    monitor.configLoaded()
    log.info('config.reloaded', { file, domains: loaded.config.domains.length })
    return true
  }

  /** When a removal that waits may be believed; null when none waits. */
  get dueAt(): UnixMs | null {
    return this.#removal === null ? null : this.#removal.since + REMOVAL_WAIT_MS
  }

  #maySwap(config: WatchConfig): boolean {
    const { app, clock, log } = this.#tools
    if (!isLargeRemoval(app.settings.config.domains, config.domains)) {
      this.#removal = null
      return true
    }
    const domains = config.domains.map(({ name }) => name).join(' ')
    if (this.#removal?.domains === domains && clock.now() >= this.#removal.since + REMOVAL_WAIT_MS) {
      this.#removal = null
      return true
    }
    if (this.#removal?.domains !== domains) this.#removal = { domains, since: clock.now() }
    log.warn('config.large-removal', {
      file: config.file,
      before: app.settings.config.domains.length,
      after: config.domains.length,
      hint: 'more than a fifth of the domains is gone: believed when the file is still the same in ten minutes, or after a restart',
    })
    return false
  }

  #refuse(file: string, problems: readonly string[]): boolean {
    this.#removal = null
    this.#tools.monitor.configBroken(file, problems)
    this.#tools.log.error('config.refused', { file, problems })
    return false
  }
}
