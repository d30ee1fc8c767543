import { once } from 'node:events'
import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain } from '../../src/lab/drills/drill.ts'
import { startChild } from '../unit/store/child.ts'
import { scratch } from '../unit/store/scratch.ts'
import { KILLED_PROCESS, taskFor } from './killed-task.ts'
import { Stage, worldOf } from './stage.ts'

async function openStage(file: string): Promise<Stage> {
  const stage = await Stage.open(worldOf([healthyDomain('example.com')]), { database: file })
  await stage.pass(16)
  stage.change(withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] }))
  await stage.stop()
  return stage
}

/** The next life: whatever was owed is delivered. */
async function liveOn(stage: Stage): Promise<void> {
  await stage.start()
  await stage.pass(20)
}

test('killed between the commit and the message: the next start sends it, once', async () => {
  await using place = await scratch()
  await using stage = await openStage(place.file)
  await using child = startChild(KILLED_PROCESS, await taskFor(stage, 'committed'))
  expect(await child.ended).toBe('SIGKILL')
  expect(stage.slackThreads()).toEqual([])
  await liveOn(stage)
  expect(await stage.openIncidents()).toEqual(['tlsrpt.record.invalid example.com'])
  expect(stage.slackTimes()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['warning'])
})

test('killed after Slack kept the message and before that was noted: Slack shows it once', async () => {
  await using place = await scratch()
  await using stage = await openStage(place.file)
  stage.change((world) => ({
    ...world,
    slack: { mode: 'stored-then-hang', methods: ['chat.postMessage'], calls: 1 },
  }))
  await using child = startChild(KILLED_PROCESS, await taskFor(stage, 'never'))
  await stored(stage)
  child.kill('SIGKILL')
  expect(await child.ended).toBe('SIGKILL')
  expect(stage.slackTimes()).toHaveLength(1)
  await liveOn(stage)
  expect(stage.slackTimes()).toHaveLength(1)
  expect(stage.slackThreads()[0]).not.toContain('possible duplicate')
  const copies = [...stage.lab.inbox.byMessageId().values()]
  expect(copies).toHaveLength(1)
  // The next step of the incident finds its conversation.
  stage.change(withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=mailto:tlsrpt@example.com'] }))
  await stage.pass(30)
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.slackTimes()).toHaveLength(2)
})

async function stored(stage: Stage): Promise<void> {
  while (stage.slackTimes().length === 0) {
    const ticket = new AbortController()
    setImmediate(() => ticket.abort())
    await once(ticket.signal, 'abort')
  }
}
