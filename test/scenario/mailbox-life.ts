/** One visit to the lab's mailbox by a process that remembers nothing but its database. */

import { type VisitOutcome, visitMailbox } from '../../src/app/jobs/visit-mailbox.ts'
import { Monitor } from '../../src/app/monitor.ts'
import type { Settings } from '../../src/app/settings.ts'
import { randomId } from '../../src/lib/id.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { manualClock } from '../../src/lib/manual-clock.ts'
import type { Intake } from '../../src/mailbox/intake.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { openConfig, parseWatch, QUICK, type Surroundings } from './process.ts'

export interface MailboxLifeTask {
  readonly surroundings: Surroundings
  readonly now: number
  /** The report of which the writing ends the process, counted from 1 as they are read; null: it lives on. */
  readonly deadlyReport: number | null
}

export async function liveMailboxLife(task: MailboxLifeTask): Promise<VisitOutcome> {
  const { surroundings, now, deadlyReport } = task
  const clock = manualClock(now)
  const tools = { clock, newId: randomId, route: () => 'refused' as const, limits: QUICK, log: null }
  const parsed = parseWatch(surroundings.watch, clock)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const opened = openConfig(parsed.config, surroundings, tools)
  if (!opened.ok) throw new Error(opened.problems.join('; '))
  await using store = await openStore(surroundings.database, {
    owner: true,
    allowNetworkFilesystem: true,
    warn: () => {},
  })
  const settings = deadlyReport === null ? opened.settings : withDeadlyReport(opened.settings, deadlyReport)
  return await visitMailbox(
    settings,
    { store, monitor: new Monitor(clock), clock, newId: randomId, log: silentLogger },
    new AbortController().signal,
  )
}

/** The process dies when the store makes a statement of that report's policy: in the middle of the transaction. */
function withDeadlyReport(settings: Settings, deadly: number): Settings {
  const { intake } = settings
  if (intake === null) throw new Error('there is no mailbox')
  let reports = 0
  const open = (): Intake => {
    const inner = intake.open()
    return {
      async read(...args) {
        const reading = await inner.read(...args)
        if (reading.result.kind === 'reports' && ++reports === deadly) {
          for (const { report } of reading.result.reports) {
            for (const policy of report.policies) {
              Object.assign(policy, { toJSON: () => process.kill(process.pid, 'SIGKILL') })
            }
          }
        }
        return reading
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    }
  }
  return { ...settings, intake: { ...intake, open } }
}
