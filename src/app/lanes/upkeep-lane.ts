import { DAY_MS, MINUTE_MS, type UnixMs } from '../../lib/time.ts'
import type { Retention } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { watchSelf } from '../jobs/watch-self.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'

const WATCH_SELF_EVERY_MS = MINUTE_MS
const PRUNE_EVERY_MS = DAY_MS
/** R12 */
const RETENTION: Retention = {
  looksMs: 90 * DAY_MS,
  changesMs: 400 * DAY_MS,
  outboxMs: 30 * DAY_MS,
  jobsMs: 7 * DAY_MS,
}

/** What the monitor does for itself: a look at itself every minute, forgetting once a day. */
export function upkeepLane(tools: AppTools, settings: () => Settings): Lane {
  const dueAt = { self: tools.clock.now(), prune: tools.clock.now() + PRUNE_EVERY_MS }
  return {
    name: 'upkeep',
    concurrency: 1,
    async take() {
      const now: UnixMs = tools.clock.now()
      if (dueAt.self <= now) {
        dueAt.self = now + WATCH_SELF_EVERY_MS
        return async (signal) => {
          const transitions = await watchSelf(settings(), tools, signal)
          for (const { reason, incident } of transitions) {
            tools.log.warn('self', { reason, code: incident.latest.code, incident: incident.id })
          }
        }
      }
      if (dueAt.prune <= now) {
        dueAt.prune = now + PRUNE_EVERY_MS
        return async () => {
          tools.log.info('prune.done', { ...(await tools.store.prune(now, RETENTION)) })
        }
      }
      return null
    },
    nextDueAt: async () => Math.min(dueAt.self, dueAt.prune),
  }
}
