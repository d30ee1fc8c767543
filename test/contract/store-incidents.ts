import { expect, test } from 'vitest'
import { HOUR_MS } from '../../src/lib/time.ts'
import type { Incident, IncidentId, ThreadId } from '../../src/model/incident.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import {
  commit,
  DOMAIN,
  dismissed,
  incident,
  notification,
  OPEN,
  RECOVERING,
  resolved,
  SUSPECTED,
  snapshot,
  T0,
  transition,
} from './store-samples.ts'

async function remember(store: Store, ...incidents: readonly Incident[]): Promise<void> {
  await store.commitTransitions(
    incidents.map((one) => transition('opened', one)),
    [],
  )
}

const ids = (incidents: readonly Incident[]) => incidents.map((one) => one.id)

export function incidentContract(open: OpenEmptyStore): void {
  test('an incident comes back whole, in its last state, with every step of its life', async () => {
    await using store = await open()
    const steps = [
      transition('suspected', incident('inc_1', SUSPECTED)),
      transition('opened', incident('inc_1', OPEN), T0 + 1),
      transition('recovering', incident('inc_1', RECOVERING), T0 + 2),
    ]
    await store.commitTransitions(steps, [])
    expect(await store.incidents.find('inc_1')).toEqual(incident('inc_1', RECOVERING))
    expect(await store.incidents.transitions('inc_1' as IncidentId)).toEqual(steps)
  })

  test('remembers the live ones, the lately resolved ones and those still flapping, of one domain', async () => {
    await using store = await open()
    const now = T0 + 10 * HOUR_MS
    await remember(
      store,
      incident('suspected', SUSPECTED),
      incident('open', OPEN),
      incident('recovering', RECOVERING),
      incident('lately', resolved(now - HOUR_MS)),
      incident('long-ago', resolved(T0)),
      incident('flapping', resolved(T0), { flappingSince: T0 }),
      incident('dismissed', dismissed(now)),
      incident('monitor', OPEN, { domain: null }),
    )
    const since = now - 6 * HOUR_MS
    expect(ids(await store.incidents.remembered(DOMAIN, since))).toEqual([
      'suspected',
      'open',
      'recovering',
      'lately',
      'flapping',
    ])
    expect(ids(await store.incidents.remembered(null, since))).toEqual(['monitor'])
    expect(ids(await store.incidents.live())).toEqual(['suspected', 'open', 'recovering', 'monitor'])
  })

  test('a key has one live incident at most, and the commit that would give it two changes nothing', async () => {
    await using store = await open()
    const first = incident('inc_1', OPEN)
    await remember(store, first)
    const rival = incident('inc_2', SUSPECTED, { key: first.key })
    const rejected = store.commitCheck(
      commit(snapshot(T0), {
        transitions: [transition('suspected', rival)],
        notifications: [notification('n1', rival)],
      }),
    )
    await expect(rejected).rejects.toThrow(/unique/i)
    expect(await store.snapshots.latest(DOMAIN)).toBeNull()
    expect(await store.outbox.pending(10)).toEqual([])
    await remember(store, { ...first, phase: resolved(T0) }, rival)
    expect(ids(await store.incidents.live())).toEqual(['inc_2'])
  })

  test('a resolved incident may open again as itself', async () => {
    await using store = await open()
    await remember(store, incident('inc_1', OPEN), incident('inc_1', resolved(T0)), incident('inc_1', OPEN))
    expect(ids(await store.incidents.live())).toEqual(['inc_1'])
    expect(await store.incidents.transitions('inc_1' as IncidentId)).toHaveLength(3)
  })

  test('finds the thread of a shared cause: confirmed before suspected, never an ended one', async () => {
    await using store = await open()
    const thread = (name: string) => ({ thread: name as ThreadId })
    const find = () => store.incidents.openThread('mx.target.unresolvable', 'mx1.example.com')
    await remember(store, incident('a', resolved(T0), thread('ended')))
    expect(await find()).toBeNull()
    await remember(store, incident('b', SUSPECTED, thread('suspected')))
    expect(await find()).toBe('suspected')
    await remember(store, incident('c', OPEN, thread('open')))
    expect(await find()).toBe('open')
    expect(await store.incidents.openThread('mx.target.unresolvable', 'mx9.example.com')).toBeNull()
    expect(await store.incidents.openThread('mx.record.missing', 'mx1.example.com')).toBeNull()
  })

  test('gives the incidents of a thread oldest first, and the recent ones newest first', async () => {
    await using store = await open()
    const thread = 'shared' as ThreadId
    await remember(
      store,
      incident('one', OPEN, { thread, firstSeenAt: T0 }),
      incident('two', resolved(T0), { thread, firstSeenAt: T0 + 1 }),
      incident('three', OPEN, { firstSeenAt: T0 + 2 }),
    )
    expect(ids(await store.incidents.ofThread(thread))).toEqual(['one', 'two'])
    expect(ids(await store.incidents.recent(2))).toEqual(['three', 'two'])
  })

  test.each([
    ['inc_ab12', 'inc_ab12'],
    ['inc_cd', 'inc_cd34'],
    ['inc_ab', null],
    ['inc_ab1', 'inc_ab1'],
    ['inc_%', null],
    ['', null],
    ['zzz', null],
  ])('finds %j as %j', async (prefix, found) => {
    await using store = await open()
    await remember(store, incident('inc_ab1', OPEN), incident('inc_ab12', OPEN), incident('inc_cd34', OPEN))
    expect((await store.incidents.find(prefix))?.id ?? null).toBe(found)
  })
}
