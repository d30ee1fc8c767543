import cron from 'node-cron'
import type { Schedule } from './timetable.ts'

/**
 * The node-cron side of scheduling: calls `due` whenever one of the cron lines fires in its zone, and once a minute for
 * what node-cron lets fall (a slot inside a clock change, a suspended host: reliability E11). `due` must bear being called
 * too often; the timetable does.
 */
export function startBeat(schedules: readonly Schedule[], due: () => Promise<void>): AsyncDisposable {
  const lines = new Map(schedules.map((schedule) => [`${schedule.cron.line}|${schedule.timeZone}`, schedule]))
  const tasks = [...lines.values()].map((schedule) =>
    cron.schedule(schedule.cron.line, due, {
      name: schedule.cron.line,
      timezone: schedule.timeZone,
      noOverlap: true,
      suppressMissedWarning: true,
    }),
  )
  tasks.push(
    cron.schedule('* * * * *', due, {
      name: 'minute',
      timezone: 'UTC',
      noOverlap: true,
      suppressMissedWarning: true,
    }),
  )
  return {
    async [Symbol.asyncDispose]() {
      for (const task of tasks) await task.destroy()
    },
  }
}
