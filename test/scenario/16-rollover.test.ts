import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DRILL_DOMAIN, drillWorld } from '../../src/lab/drills/drill.ts'
import { beforeRollover, ROLLOVER_HOSTS, withKey, withRecords } from '../../src/lab/drills/drill-rollover.ts'
import { Stage } from './stage.ts'

const WATCH = { domains: [DRILL_DOMAIN], hosts: ROLLOVER_HOSTS }
const TTL_MINUTES = 60

const STEPS = ['may be installed now', 'may be removed now', ': done;', 'too early', 'is gone']

/** What each conversation tells of the change of keys, in the order in which they began. */
function steps(stage: Stage): readonly string[] {
  return stage.slackRoots().flatMap((root) => STEPS.filter((step) => root.includes(step)))
}

test('a change of keys is coached from its record to its end, each step told once, also across restarts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollover-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const options = { watch: WATCH, resolvers: 3, database: join(folder, 'stswatch.db') }
  await using stage = await Stage.open(beforeRollover(drillWorld()), options)
  await stage.pass(16)
  expect(stage.slackThreads()).toEqual([])

  stage.change(withRecords('first', 'second'))
  await stage.pass(2 * TTL_MINUTES)
  expect(steps(stage)).toEqual([])
  await stage.pass(30)
  expect(steps(stage)).toEqual(['may be installed now'])

  await stage.stop()
  await stage.start()
  await stage.pass(60)
  expect(steps(stage)).toEqual(['may be installed now'])

  stage.change(withKey('second'))
  await stage.pass(2 * TTL_MINUTES)
  expect(steps(stage)).toEqual(['may be installed now'])
  await stage.pass(30)
  expect(steps(stage)).toEqual(['may be installed now', 'may be removed now'])

  stage.change(withRecords('second'))
  await stage.pass(60)
  expect(steps(stage)).toEqual(['may be installed now', 'may be removed now', ': done;'])
  await stage.stop()
  await stage.start()
  await stage.pass(24 * 60, 15)
  expect(steps(stage)).toHaveLength(3)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.mailLabels().filter((label) => label !== 'changed')).toEqual([])
})

test('the key half an hour after its record: told until resolvers cannot hold the set of before any more', async () => {
  await using stage = await Stage.open(beforeRollover(drillWorld()), { watch: WATCH, resolvers: 3 })
  await stage.pass(16)
  stage.change(withRecords('first', 'second'))
  await stage.pass(30)
  stage.change(withKey('second'))
  await stage.pass(25)
  expect(await stage.openWithSeverity()).toEqual(['critical dane.rollover.too-early mx1.example.com'])
  await stage.pass(2 * TTL_MINUTES)
  expect(await stage.openIncidents()).toEqual([])
  await stage.pass(TTL_MINUTES)
  expect(steps(stage)).toEqual(['too early', 'may be removed now'])
})

test('the record of the old key removed before the new one is installed: told until it is', async () => {
  await using stage = await Stage.open(beforeRollover(drillWorld()), { watch: WATCH, resolvers: 3 })
  await stage.pass(16)
  stage.change(withRecords('first', 'second'))
  await stage.pass(2 * TTL_MINUTES + 30)
  stage.change(withRecords('second'))
  await stage.pass(25)
  expect(await stage.openWithSeverity()).toEqual([
    'critical dane.rollover.old-record-gone-early mx1.example.com',
  ])
  stage.change(withKey('second'))
  await stage.pass(25)
  expect(await stage.openIncidents()).toEqual([])
  expect(steps(stage)).toEqual(['may be installed now', 'is gone', ': done;'])
})
