/** R67, R69, T33: five thousand domains break within ten seconds. */
import { expect, test } from 'vitest'
import { announce, GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../../src/announce/announce.ts'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts'
import type { Incident, IncidentId, ThreadId, Transition } from '../../src/model/incident.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { incident } from '../unit/notify/message-builder.ts'
import { Stage, worldOf } from './stage.ts'

const STORM = 5_000
const BATCHES = 10

function struck(number: number, at: number): Incident {
  const name = `d${number}.example`
  return {
    ...incident({
      domain: name,
      worst: number % 100 === 0 ? 'critical' : 'warning',
      firstSeenAt: at,
      phase: { name: 'open', openedAt: at, rising: null },
    }),
    id: `inc_${number.toString().padStart(6, '0')}` as IncidentId,
    thread: `thr_${number}` as ThreadId,
  }
}

/** As the check of that domain would have it. */
async function commit(stage: Stage, transitions: readonly Transition[]): Promise<void> {
  const { store, app } = stage.running
  const [watched] = app.settings.config.domains
  if (watched === undefined) throw new Error('nothing is watched')
  let count = 0
  const tools = {
    now: stage.clock.now(),
    newId: (prefix: string) =>
      `${prefix}_${transitions[0]?.reason}_${transitions[0]?.incident.id}_${++count}`,
    groupWaitMs: GROUP_WAIT_MS,
    groupIntervalMs: GROUP_INTERVAL_MS,
    joinsOthers: () => false,
    quiet: () => null,
  }
  const told = transitions.flatMap((transition) =>
    announce(
      [transition],
      [],
      { ...watched, name: transition.incident.domain as DomainName },
      app.settings.config,
      tools,
    ),
  )
  await store.commitTransitions(transitions, told)
}

test('are at most three Slack messages and one mail within five minutes, and nothing is lost', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(16)
  const { store } = stage.running
  const began = stage.clock.now()
  const all: Incident[] = []
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const at = stage.clock.now()
    const some = Array.from({ length: STORM / BATCHES }, (_, n) => struck(batch * (STORM / BATCHES) + n, at))
    await commit(
      stage,
      some.map((one) => ({ reason: 'opened', at, incident: one })),
    )
    all.push(...some)
    await stage.clock.advance(SECOND_MS)
  }
  await stage.pass(5, 0.25)
  const inTime = stage.slackTimes().filter((at) => at <= began + 5 * MINUTE_MS + 10 * SECOND_MS)
  expect(inTime.length).toBeGreaterThan(0)
  expect(inTime.length).toBeLessThanOrEqual(3)
  expect(stage.mailTexts()).toHaveLength(1)

  const [digest] = stage.slackRoots()
  expect(digest).toMatch(/🔴 5000 incidents at 5000 domains, 50 of them critical/)
  expect(digest?.match(/🔴 d\d+\.example/g)).toHaveLength(10)
  expect(digest).toContain('and 4990 more')
  expect(digest).toContain('stswatch incidents')
  expect(stage.mailTexts()[0]).toContain('5000 incidents at 5000 domains')

  // Every single one went out with it, and is open for the commands.
  expect(await store.outbox.pending(9)).toEqual([])
  const states = new Map<string, number>()
  for (const { id } of all) {
    for (const row of await store.outbox.ofIncident(id)) {
      const key = `${row.notification.channel} ${row.state}`
      states.set(key, (states.get(key) ?? 0) + 1)
    }
  }
  expect(Object.fromEntries(states)).toEqual({
    'ops sent': 1,
    'ops merged': STORM - 1,
    'postmaster sent': 1,
    'postmaster merged': STORM - 1,
  })

  // What comes later of one of them is its own message.
  const [first] = all
  if (first === undefined) throw new Error('no storm')
  const at = stage.clock.now()
  const over: Incident = {
    ...first,
    transitions: 2,
    phase: { name: 'resolved', openedAt: first.firstSeenAt, resolvedAt: at },
  }
  await commit(stage, [{ reason: 'resolved', at, incident: over }])
  const before = stage.slackRoots().length
  await stage.pass(2)
  expect(stage.slackRoots().slice(before)).toEqual([expect.stringMatching(/🟢 d0\.example/)])
}, 120_000)
