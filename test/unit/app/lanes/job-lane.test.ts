import { expect, test } from 'vitest'
import { drainLane } from '../../../../src/app/lane.ts'
import { jobLane } from '../../../../src/app/lanes/job-lane.ts'
import { BEGUN } from '../../../../src/app/timetable.ts'
import { desk } from '../desk.ts'

const LANE = { name: 'errands', kind: 'errand' }

test('a job that fails for a fault of ours is logged and not tried again, and the next one is done', async () => {
  await using it = await desk()
  const { jobs } = it.store
  for (const argument of ['broken', 'whole', BEGUN]) {
    await jobs.enqueue({ key: argument, kind: 'errand', argument, dueAt: it.clock.now(), slot: null })
  }
  await jobs.enqueue({ key: 'other', kind: 'other', argument: 'other', dueAt: it.clock.now(), slot: null })
  const done: string[] = []
  const lane = jobLane(LANE, it.tools, async ({ argument }) => {
    done.push(argument)
    if (argument === 'broken') throw new TypeError('x is not a function')
  })
  await drainLane(lane, it.never)
  await drainLane(lane, it.never)
  expect(done).toEqual(['broken', 'whole'])
  expect(it.log).toMatchObject([
    {
      level: 'error',
      event: 'errand.failed',
      fields: { error: expect.stringContaining('x is not a function') },
    },
  ])
})
