import type { WatchConfig } from '../../config/watch-config.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts'
import type { Retention } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { releaseHeld } from '../jobs/release.ts'
import { remindOfOpen } from '../jobs/remind.ts'
import { watchSelf } from '../jobs/watch-self.ts'
import type { Lane } from '../lane.ts'
import { lookAtHealth } from '../look-at-health.ts'
import type { Settings } from '../settings.ts'

const WATCH_SELF_EVERY_MS = MINUTE_MS
const PRUNE_EVERY_MS = DAY_MS
/** Soon enough that a process which is restarted every day forgets too, late enough not to burden the start. */
const FIRST_PRUNE_MS = HOUR_MS
/** R12 */
export const RETENTION: Retention = {
  looksMs: 90 * DAY_MS,
  changesMs: 400 * DAY_MS,
  outboxMs: 30 * DAY_MS,
  jobsMs: 7 * DAY_MS,
  rawMs: 30 * DAY_MS,
  reportsMs: 400 * DAY_MS,
}

/** How long the bytes of report mails are kept. */
export function rawRetentionMs({ mailbox }: Pick<WatchConfig, 'mailbox'>): number {
  return mailbox === null ? RETENTION.rawMs : mailbox.keepRawDays * DAY_MS
}

/** What the monitor does for itself: a look at itself and at what is to be told again every minute, forgetting once a day, whatever the wall clock does. */
export function upkeepLane(tools: AppTools, settings: () => Settings): Lane {
  const { clock } = tools
  const startedAt = clock.now()
  const due = { selfMs: clock.monotonicMs(), pruneMs: clock.monotonicMs() + FIRST_PRUNE_MS }
  return {
    name: 'upkeep',
    concurrency: 1,
    async take() {
      const nowMs = clock.monotonicMs()
      if (due.selfMs <= nowMs) {
        due.selfMs = nowMs + WATCH_SELF_EVERY_MS
        return async (signal) => {
          await tools.store.noteAlive(clock.now())
          const transitions = await watchSelf(settings(), tools, signal)
          for (const { reason, incident } of transitions) {
            tools.log.warn('self', { reason, code: incident.latest.code, incident: incident.id })
          }
          for (const { id } of await releaseHeld(settings(), tools))
            tools.log.info('held.told', { incident: id })
          for (const { id } of await remindOfOpen(settings(), tools))
            tools.log.info('reminded', { incident: id })
          const codes = await lookAtHealth(settings(), tools, startedAt)
          tools.monitor.health.note(codes)
          await tools.heartbeat.beat(codes, signal)
        }
      }
      if (due.pruneMs <= nowMs) {
        due.pruneMs = nowMs + PRUNE_EVERY_MS
        return async () => {
          const rawMs = rawRetentionMs(settings().config)
          const pruned = await tools.store.prune(clock.now(), { ...RETENTION, rawMs })
          tools.log.info('prune.done', { ...pruned })
        }
      }
      return null
    },
    nextDueAt: async () => clock.now() + Math.min(due.selfMs, due.pruneMs) - clock.monotonicMs(),
  }
}
