import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { openReportIntake } from '../app/open-report-intake.ts'
import { openReporter } from '../app/open-reporter.ts'
import { openResolver } from '../app/open-resolver.ts'
import type { Reporter } from '../app/reporter.ts'
import type { ReportIntake } from '../app/settings.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { systemClock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'

/** Doors that a test exchanges. */
export interface CanaryWorld {
  readonly world: World
  /** PEM roots for the SMTP and IMAP servers; null: the system's. */
  readonly ca: string | null
}

export const REAL_CANARY_WORLD: CanaryWorld = { world: REAL_WORLD, ca: null }

/** What reports to ourselves need. */
export interface CanaryWork extends AsyncDisposable {
  readonly config: WatchConfig
  readonly env: Env
  readonly store: Store
  /** Null: none can be sent. */
  readonly reporter: Reporter | null
  /** Null: no mailbox is read. */
  readonly intake: ReportIntake | null
}

/** Opens it, or gives the exit status after the reason was printed. */
export async function openCanaryWork(
  configFile: string,
  io: Io,
  { world, ca }: CanaryWorld = REAL_CANARY_WORLD,
): Promise<Result<CanaryWork, number>> {
  const installation = await loadInstallation(configFile, io)
  if (installation === null) return err(EXIT.config)
  const { config, env } = installation
  const store = await openMemory(env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return err(EXIT.noInput)
  }
  const resolver = openResolver(config, systemClock, world.limits)
  const notice = (sentence: string) => io.err(`${sentence}\n`)
  return ok({
    config,
    env,
    store,
    reporter: openReporter(config, env, { resolver, world, smtpCa: ca }),
    intake: openReportIntake(config, env, { clock: systemClock, resolver, ca, notice }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  })
}
