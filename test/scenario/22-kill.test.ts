import { once } from 'node:events'
import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain } from '../../src/lab/drills/drill.ts'
import { HOUR_MS } from '../../src/lib/time.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { parseIpAddress } from '../../src/protocol/ip-address.ts'
import { startChild } from '../unit/store/child.ts'
import { scratch } from '../unit/store/scratch.ts'
import type { KilledProcessTask } from './killed-process.ts'
import { Stage, worldOf } from './stage.ts'

const SCRIPT = '../../scenario/killed-process.ts'

async function openStage(file: string): Promise<Stage> {
  const stage = await Stage.open(worldOf([healthyDomain('example.com')]), { database: file })
  await stage.pass(16)
  stage.change(withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] }))
  await stage.stop()
  return stage
}

/** The process will pass less than the hour that the lab is ahead of it. */
async function taskFor(stage: Stage, dies: KilledProcessTask['dies']): Promise<string> {
  const now = stage.clock.now()
  await stage.clock.advance(HOUR_MS)
  const task: KilledProcessTask = {
    surroundings: stage.surroundings(),
    now,
    routes: routesOf(stage),
    dies,
  }
  return JSON.stringify(task)
}

/** Where the lab answers for each of its hosts. */
function routesOf({ lab }: Stage): KilledProcessTask['routes'] {
  const { world } = lab
  const hosts = [
    ...world.hosts,
    ...world.domains.flatMap(({ hosts: own, policy }) => (policy ? [...own, policy.host] : own)),
  ]
  const addresses = hosts.flatMap((host) => host.addresses.map(parseIpAddress)).filter((one) => one !== null)
  const routes: Record<string, Endpoint> = {}
  for (const address of addresses) {
    for (const port of [25, 443]) {
      const endpoint = lab.route(address, port)
      if (typeof endpoint === 'object') routes[`${address} ${port}`] = endpoint
    }
  }
  return routes
}

/** The next life: whatever was owed is delivered. */
async function liveOn(stage: Stage): Promise<void> {
  await stage.start()
  await stage.pass(20)
}

test('killed between the commit and the message: the next start sends it, once', async () => {
  await using place = await scratch()
  await using stage = await openStage(place.file)
  await using child = startChild(SCRIPT, await taskFor(stage, 'committed'))
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
  await using child = startChild(SCRIPT, await taskFor(stage, 'never'))
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
