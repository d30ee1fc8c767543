import { existsSync } from 'node:fs'
import type { IngestTools } from '../app/ingest.ts'
import { rawRetentionMs } from '../app/lanes/upkeep-lane.ts'
import { REAL_WORLD } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { watchedNames } from '../app/watched-names.ts'
import { randomId } from '../lib/id.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { systemClock } from '../lib/time.ts'
import { openIntake, THREAD_LIMITS } from '../mailbox/open-intake.ts'
import { openStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'

export interface IngestWork extends AsyncDisposable {
  readonly store: Store
  readonly tools: IngestTools
}

/**
 * What reading reports by hand needs, or the exit status after the reason was printed. Beside a running monitor: it
 * owns the database, this only writes to it. `create`: makes the database where there is none.
 */
export async function openIngest(
  configFile: string,
  { create }: { readonly create: boolean },
  io: Io,
): Promise<Result<IngestWork, number>> {
  const installation = await loadInstallation(configFile, io)
  if (installation === null) return err(EXIT.config)
  const { env, config } = installation
  if (!create && !existsSync(env.databaseFile)) {
    io.err(NOTHING_REMEMBERED)
    return err(EXIT.noInput)
  }
  await using held = new AsyncDisposableStack()
  const warn = (line: string) => io.err(`${line}\n`)
  const store = held.use(
    await openStore(env.databaseFile, { owner: false, allowNetworkFilesystem: false, warn }),
  )
  const domains = config.domains.map(({ name }) => name)
  const tools: IngestTools = {
    intake: held.use(
      openIntake({
        resolver: openResolver(config, systemClock, REAL_WORLD.limits),
        clock: systemClock,
        // Files do not come through our border: whoever wrote one may have written its results too.
        trustAuthservId: null,
        limits: THREAD_LIMITS,
      }),
    ),
    watched: await watchedNames(domains, store.snapshots),
    clock: systemClock,
    newId: randomId,
    keepRaw: rawRetentionMs(config) > 0,
  }
  const work = held.move()
  return ok({ store, tools, [Symbol.asyncDispose]: () => work.disposeAsync() })
}
