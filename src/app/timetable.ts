import type { Cron } from '../lib/cron.ts'
import { latestSlot, nextSlot } from '../lib/cron-slots.ts'
import { sha256 } from '../lib/sha256.ts'
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { JobQueue, NewJob } from '../store/store.ts'

/** Work that comes round by a cron line. */
export interface Schedule {
  /** Unique and stable, e.g. `check:example.com`: it names the slots in the database. */
  readonly name: string
  readonly kind: string
  readonly argument: string
  readonly cron: Cron
  readonly timeZone: string
  /** Whether runs may be moved within the interval so that many schedules with one line do not start at once (R22). */
  readonly spread: boolean
  /** What a schedule that was never run does: at once what is to be known soon, at its next slot what is about a time gone by. */
  readonly begins: 'at-once' | 'at-next-slot'
}

/** The argument of a job that only marks where a schedule begins. */
export const BEGUN = 'begun'

const MAX_SPREAD_MS = HOUR_MS
/** A slot further ahead than this was made by a clock that has been set back since: nothing must wait for it (R16). */
const MAX_AHEAD_MS = HOUR_MS

/**
 * Turns schedules into jobs. Each slot becomes one job at most, whoever asks and however often; after a pause the newest
 * missed slot is made up for at once (R15); a schedule that was never run begins, and so does one whose last slot lies in a
 * future that the clock has gone back on.
 */
export class Timetable {
  readonly #jobs: JobQueue
  readonly #lastSlots = new Map<string, UnixMs>()

  constructor(jobs: JobQueue) {
    this.#jobs = jobs
  }

  /** Enqueues what fell due up to `now`; gives the number of new jobs. */
  async enqueueDue(schedules: readonly Schedule[], now: UnixMs): Promise<number> {
    // Many schedules share line and last slot; "none" is an answer to remember as well.
    const slots = new Map<string, UnixMs | null>()
    let enqueued = 0
    for (const schedule of schedules) {
      const last = await this.#lastSlot(schedule, now)
      const question = `${schedule.cron.line}|${schedule.timeZone}|${last}`
      const asked = slots.get(question)
      const slot =
        last === null
          ? now
          : asked === undefined
            ? latestSlot(schedule.cron, schedule.timeZone, last, now)
            : asked
      slots.set(question, slot)
      if (slot === null) {
        if (last !== null) this.#lastSlots.set(schedule.name, last)
        continue
      }
      if (
        await this.#jobs.enqueue(jobOf(schedule, slot, last === null ? now : slot + spreadMs(schedule, slot)))
      )
        enqueued += 1
      this.#lastSlots.set(schedule.name, slot)
    }
    return enqueued
  }

  /** Null: it begins now. */
  async #lastSlot(schedule: Schedule, now: UnixMs): Promise<UnixMs | null> {
    const known = this.#lastSlots.get(schedule.name) ?? (await this.#jobs.lastSlot(schedule.name))
    if (known !== null && known - now <= MAX_AHEAD_MS) return known
    if (schedule.begins === 'at-once') return null
    await this.#jobs.enqueue(beginning(schedule, now))
    return now
  }
}

/** Kept like a slot, so that the next one is told from one that was missed, also after a restart. */
function beginning(schedule: Schedule, now: UnixMs): NewJob {
  return { ...jobOf(schedule, now, now), key: `${schedule.name}:${BEGUN}:${now}`, argument: BEGUN }
}

function jobOf(schedule: Schedule, slot: UnixMs, dueAt: UnixMs): NewJob {
  return {
    key: `${schedule.name}:${new Date(slot).toISOString()}`,
    kind: schedule.kind,
    argument: schedule.argument,
    dueAt,
    slot: { schedule: schedule.name, at: slot },
  }
}

function spreadMs(schedule: Schedule, slot: UnixMs): number {
  if (!schedule.spread) return 0
  const interval = (nextSlot(schedule.cron, schedule.timeZone, slot) ?? slot) - slot
  const share = Number.parseInt(sha256(schedule.name).slice(0, 8), 16) / 0x1_0000_0000
  return Math.floor(share * Math.min(interval, MAX_SPREAD_MS))
}
