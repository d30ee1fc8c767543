import cron, { type TaskOptions } from 'node-cron'
import type { Cron } from '../lib/cron.ts'
import type { Logger } from '../lib/log.ts'
import type { Schedule } from './timetable.ts'

/**
 * The node-cron side of scheduling: calls `due` whenever one of the cron lines fires in its zone, and once a minute for
 * what node-cron lets fall (a slot inside a clock change, a suspended host: reliability E11). `due` must bear being called
 * too often; the timetable does. A call that fails is logged, and the next minute brings another.
 */
export function startBeat(
  schedules: readonly Schedule[],
  due: () => Promise<void>,
  log: Logger,
): AsyncDisposable {
  const common: TaskOptions = { noOverlap: true, suppressMissedWarning: true, logger: cronLogger(log) }
  const lines = new Map(schedules.map((schedule) => [`${schedule.cron.line}|${schedule.timeZone}`, schedule]))
  const tasks = [...lines.values()].map((schedule) =>
    cron.schedule(plainLine(schedule.cron), due, {
      ...common,
      name: schedule.cron.line,
      timezone: schedule.timeZone,
    }),
  )
  tasks.push(cron.schedule('* * * * *', due, { ...common, name: 'minute', timezone: 'UTC' }))
  return {
    async [Symbol.asyncDispose]() {
      for (const task of tasks) await task.destroy()
    },
  }
}

/** The line in numbers alone: node-cron refuses spellings that ours allows (`5/10`, a tab between fields). */
function plainLine({ minutes, hours, daysOfMonth, months, daysOfWeek }: Cron): string {
  return [minutes, hours, daysOfMonth, months, daysOfWeek].map((values) => [...values].join(',')).join(' ')
}

/** node-cron writes to the console by itself; what matters of it goes where everything goes. */
function cronLogger(log: Logger): NonNullable<TaskOptions['logger']> {
  return {
    info: () => {},
    debug: () => {},
    warn: (line) => log.warn('schedule.late', { line }),
    error: (error) => log.error('schedule.failed', { error: String(error) }),
  }
}
