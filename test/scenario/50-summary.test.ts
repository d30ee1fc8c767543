import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain } from '../../src/lab/drills/drill.ts'
import { isoWeekOf, mondayOf } from '../../src/lib/iso-week.ts'
import { DAY_MS, HOUR_MS, type UnixMs } from '../../src/lib/time.ts'
import { startChild } from '../unit/store/child.ts'
import { scratch } from '../unit/store/scratch.ts'
import { KILLED_PROCESS, taskFor } from './killed-task.ts'
import { Stage, worldOf } from './stage.ts'

const WEEKLY = { defaults: { check: '0 0 1 1 *' }, summary: { cron: '0 7 * * 1' } }
const WORLD = worldOf([healthyDomain('example.com'), healthyDomain('example.net')])

/** Subjects of the summaries that arrived by mail. */
function subjects(stage: Stage): readonly string[] {
  return stage
    .mailTexts()
    .map((mail) => mail.split('\n')[0] ?? '')
    .filter((subject) => subject.startsWith('stswatch, '))
}

/** 07:00 on the first Monday that is at least a day away. */
function firstMonday({ clock }: Stage): UnixMs {
  return (
    mondayOf(clock.now() + 7 * DAY_MS + (mondayOf(clock.now()) === clock.now() ? 7 * DAY_MS : 0)) +
    7 * HOUR_MS
  )
}

function weekBefore(monday: UnixMs): string {
  return `stswatch, week ${isoWeekOf(monday - DAY_MS)}`
}

/** Sleeps, with no process running, until then. */
async function sleepUntil(stage: Stage, at: UnixMs): Promise<void> {
  await stage.stop()
  await stage.clock.advance(at - stage.clock.now())
  await stage.start()
}

test('one a week for three weeks, across restarts, also when nothing happened', async () => {
  await using place = await scratch()
  await using stage = await Stage.open(WORLD, { database: place.file, watch: WEEKLY })
  const monday = firstMonday(stage)
  await stage.pass(10, 5)
  expect(subjects(stage)).toEqual([])
  for (const week of [0, 1, 2]) {
    const dueAt = monday + week * 7 * DAY_MS
    await sleepUntil(stage, dueAt - HOUR_MS)
    await stage.pass(55, 5)
    expect(subjects(stage)).toHaveLength(week)
    await stage.pass(10, 5)
    // Once more in a new life, and once more at the same slot.
    await stage.stop()
    await stage.start()
    await stage.pass(30, 5)
    expect(subjects(stage)).toEqual(
      Array.from(
        { length: week + 1 },
        (_, index) => `${weekBefore(monday + index * 7 * DAY_MS)}: all 2 domains are well`,
      ),
    )
  }
  // It goes by e-mail where there is any.
  expect(stage.slackRoots().join()).not.toContain('week')
})

test.each([
  { mode: 'greylist', copies: 1 },
  { mode: 'stored-then-close', copies: 2 },
] as const)(
  'killed before it knew that the mail arrived ($mode): the next life sends the same mail',
  async ({ mode, copies }) => {
    await using place = await scratch()
    await using stage = await Stage.open(WORLD, { database: place.file, watch: WEEKLY })
    const monday = firstMonday(stage)
    await stage.pass(10, 5)
    await sleepUntil(stage, monday - HOUR_MS / 2)
    await stage.stop()
    stage.change((world) => ({ ...world, inbox: { mode, connections: 1 } }))
    await using child = startChild(KILLED_PROCESS, await taskFor(stage, 'committed'))
    expect(await child.ended).toBe('SIGKILL')
    expect(subjects(stage)).toHaveLength(copies - 1)
    await stage.start()
    await stage.pass(30, 5)
    expect(subjects(stage)).toEqual(Array(copies).fill(`${weekBefore(monday)}: all 2 domains are well`))
    expect(stage.lab.inbox.byMessageId().size).toBe(1)
  },
)

test('after three days of downtime it comes late and once; it says that the monitor did not run', async () => {
  await using place = await scratch()
  await using stage = await Stage.open(WORLD, { database: place.file, watch: WEEKLY })
  const monday = firstMonday(stage)
  await sleepUntil(stage, monday - DAY_MS)
  await stage.pass(10, 5)
  await sleepUntil(stage, monday + 2 * DAY_MS)
  await stage.pass(10, 5)
  await sleepUntil(stage, monday + 2 * DAY_MS + HOUR_MS)
  await stage.pass(10, 5)
  expect(subjects(stage)).toEqual([`${weekBefore(monday)}: all 2 domains are well`])
  expect(stage.mailTexts().at(-1)).toMatch(/It did not run for \d+ days?/)
})

test('after eight days of downtime the week that is gone is not told any more', async () => {
  await using place = await scratch()
  await using stage = await Stage.open(WORLD, { database: place.file, watch: WEEKLY })
  const monday = firstMonday(stage)
  await sleepUntil(stage, monday - DAY_MS)
  await stage.pass(10, 5)
  // The Monday after the missed one has been as well: that is the week to tell.
  await sleepUntil(stage, monday + 7 * DAY_MS + HOUR_MS)
  await stage.pass(10, 5)
  expect(subjects(stage)).toEqual([`${weekBefore(monday + 7 * DAY_MS)}: all 2 domains are well`])
})

test.each([
  [7 * DAY_MS, 1],
  [7 * DAY_MS + 1, 0],
])('a monthly one that is %i ms late: %i', async (lateMs, sent) => {
  await using place = await scratch()
  const watch = { ...WEEKLY, summary: { cron: '0 7 1 * *', channels: ['ops', 'postmaster'] } }
  await using stage = await Stage.open(WORLD, { database: place.file, watch })
  await stage.pass(10, 5)
  const now = new Date(stage.clock.now())
  const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1, 7)
  await sleepUntil(stage, first + lateMs)
  await stage.pass(0)
  await stage.pass(10, 5)
  expect(subjects(stage)).toHaveLength(sent)
  expect(stage.slackRoots().filter((root) => root.includes('stswatch, month'))).toHaveLength(sent)
})

test('daily, weekly and monthly stand side by side, and what is wrong is in them', async () => {
  const summary = [
    { cron: '0 8 * * *', channels: ['ops'] },
    { cron: '0 7 * * 1', channels: ['postmaster'] },
    { cron: '30 7 * * 1' },
  ]
  await using stage = await Stage.open(WORLD, {
    watch: { ...WEEKLY, defaults: { check: '0 */6 * * *' }, summary },
  })
  await stage.pass(10)
  stage.change(withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] }))
  const monday = firstMonday(stage)
  for (let at = stage.clock.now(); at < monday + 2 * HOUR_MS; at = stage.clock.now()) {
    await stage.pass(60, 30)
  }
  // Two lines with the same week for the same reader make one mail.
  expect(subjects(stage)).toEqual([`${weekBefore(monday)}: 1 of 2 domains needs hands`])
  const days = stage.slackRoots().filter((root) => root.includes('stswatch, day'))
  expect(days.length).toBeGreaterThan(0)
  expect(days.at(-1)).toContain('1 of 2 domains needs hands')
  expect(days.at(-1)).toContain('example.com: ')
})
