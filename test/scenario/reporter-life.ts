/** The night in which a report goes out, lived by a process that remembers nothing but its database. */

import { randomId } from '../../src/lib/id.ts'
import { manualClock } from '../../src/lib/manual-clock.ts'
import { HOUR_MS } from '../../src/lib/time.ts'
import type { Submission } from '../../src/model/submission.ts'
import { type Process, QUICK, type Surroundings, startProcess } from './process.ts'

/** Where a process can die on the way from a day's sessions to a report that was sent (reliability §8, K20). */
export const DEADLY_MOMENTS = [
  'before the rows are written',
  'between the rows of two addresses',
  'after the rows are written',
  'before the signature',
  'after the signature',
  'when the mail was taken',
  'after that was noted',
] as const

export type DeadlyMoment = (typeof DEADLY_MOMENTS)[number]

export interface ReporterLifeTask {
  readonly surroundings: Surroundings
  readonly now: number
  /** Null: it lives on. */
  readonly dies: DeadlyMoment | null
}

/** Until all reports of the day before are due. */
const NIGHT_HOURS = 6

/** Gives the errors that it logged. */
export async function liveReporterLife({
  surroundings,
  now,
  dies,
}: ReporterLifeTask): Promise<readonly string[]> {
  const errors: string[] = []
  const clock = manualClock(now)
  const route = () => 'refused' as const
  await using life = await startProcess(surroundings, {
    clock,
    newId: randomId,
    route,
    limits: QUICK,
    log: (line) => void (JSON.parse(line).level === 'error' && errors.push(line)),
  })
  if (dies !== null) arm(life, (moment) => void (moment === dies && process.kill(process.pid, 'SIGKILL')))
  const { signal } = new AbortController()
  for (let hour = 0; hour < NIGHT_HOURS; hour++) {
    await clock.drive(life.app.settle(signal))
    await clock.advance(HOUR_MS)
  }
  return errors
}

function arm({ store, app }: Process, pass: (moment: DeadlyMoment) => void): void {
  const { submissions } = store
  const { reporter } = app.settings
  if (reporter === null) throw new Error('nobody reports')
  const { queue, settle } = submissions
  Object.assign(submissions, {
    async queue(...[all, limits]: Parameters<typeof queue>) {
      pass('before the rows are written')
      const [first, ...others] = all
      const deadly = others.map((one) => whenWritten(one, () => pass('between the rows of two addresses')))
      const fresh = await queue(first === undefined ? [] : [first, ...deadly], limits)
      pass('after the rows are written')
      return fresh
    },
    async settle(...args: Parameters<typeof settle>) {
      await settle(...args)
      pass('after that was noted')
    },
  })
  const { sign, transport } = reporter
  Object.assign(reporter, {
    async sign(...args: Parameters<typeof sign>) {
      pass('before the signature')
      const signed = await sign(...args)
      pass('after the signature')
      return signed
    },
    transport: {
      async send(...args: Parameters<typeof transport.send>) {
        const outcome = await transport.send(...args)
        pass('when the mail was taken')
        return outcome
      },
    },
  })
}

/** Says so when the store turns it into JSON, that is, when its statement is being made. */
function whenWritten(submission: Submission, happened: () => void): Submission {
  return Object.assign({}, submission, {
    toJSON() {
      happened()
      return submission
    },
  })
}
