import { expect, test } from 'vitest'
import { acknowledge } from '../../src/incident/acknowledge.ts'
import { MINUTE_MS } from '../../src/lib/time.ts'
import type { IncidentId, Transition, TransitionReason } from '../../src/model/incident.ts'
import type { Silence, SilenceId } from '../../src/model/silence.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, incident, notification, OPEN, SLACK } from './store-samples.ts'

const LEASE_MS = 2 * MINUTE_MS
const RESOLVED = { name: 'resolved', openedAt: at(0), resolvedAt: at(1) } as const

function step(id: string, transitions: number, reason: TransitionReason = 'opened'): Transition {
  const phase = reason === 'resolved' ? RESOLVED : OPEN
  return { reason, at: at(0), incident: { ...incident(id, phase), transitions } }
}

function silence(id: string, minutes: number, createdAt = at(0)): Silence {
  return { id: id as SilenceId, pattern: 'mx.*', until: at(minutes), by: 'ada', reason: null, createdAt }
}

const claim = (store: Store, minutes: number) => store.outbox.claim(SLACK, at(minutes), LEASE_MS, null)

export function quietContract(open: OpenEmptyStore): void {
  test('an acknowledgement is kept until more is told of its incident, or it ends', async () => {
    await using store = await open()
    const first = step('inc-a', 1)
    await store.commitTransitions([first, step('inc-b', 1)], [])
    const given = acknowledge(first.incident, 'ada', 'on it', at(1))
    await store.quiet.acknowledge(given, [notification('n', first.incident)])
    expect(await store.quiet.acknowledgements()).toEqual([given])
    expect((await claim(store, 1))?.notifications).toHaveLength(1)
    const newer = { ...given, by: 'eve', at: at(2) }
    await store.quiet.acknowledge(newer, [])
    expect(await store.quiet.acknowledgements()).toEqual([newer])
    await store.commitTransitions([step('inc-a', 2, 'worsened')], [])
    expect(await store.quiet.acknowledgements()).toEqual([])
    await store.quiet.acknowledge({ ...newer, transitions: 2 }, [])
    expect(await store.quiet.acknowledgements()).toHaveLength(1)
    await store.commitTransitions([step('inc-a', 3, 'resolved')], [])
    expect(await store.quiet.acknowledgements()).toEqual([])
  })

  test('an acknowledgement outlives looks that tell nothing, whoever writes last', async () => {
    await using store = await open()
    const { incident: known } = step('inc-a', 1)
    await store.commitTransitions([step('inc-a', 1)], [])
    await store.quiet.acknowledge(acknowledge(known, 'ada', null, at(1)), [])
    // A look that had read the incident before the acknowledgement was given.
    await store.commitTransitions([step('inc-a', 1, 'rising')], [])
    expect(await store.quiet.acknowledgements()).toHaveLength(1)
  })

  test('silences are in force until their end, or until somebody ends them', async () => {
    await using store = await open()
    await store.quiet.silence(silence('b', 10, at(1)), [])
    await store.quiet.silence(silence('a', 5), [])
    const inForce = async (minutes: number) => (await store.quiet.silences(at(minutes))).map(({ id }) => id)
    expect(await inForce(2)).toEqual(['a', 'b'])
    expect(await inForce(5)).toEqual(['b'])
    expect(await store.quiet.endSilence('b' as SilenceId, at(6))).toEqual({ ...silence('b', 6, at(1)) })
    expect(await inForce(6)).toEqual([])
    expect(await store.quiet.endSilence('b' as SilenceId, at(7))).toBeNull()
    expect(await store.quiet.endSilence('c' as SilenceId, at(1))).toBeNull()
  })

  test('what is held is not sent until it is let go, and then in its order', async () => {
    await using store = await open()
    const opened = step('inc-a', 1)
    const held = { held: 'the silence of ada', thread: opened.incident.thread }
    await store.commitTransitions([opened], [notification('n1', opened.incident, held)])
    await store.commitTransitions([], [notification('n2', opened.incident, { ...held, held: null })])
    expect(await store.outbox.nextDueAt()).toBe(at(0))
    expect((await claim(store, 1))?.notifications.map(({ id }) => id)).toEqual(['n2'])
    await store.commitTransitions([], [notification('n3', opened.incident, held)])
    expect(await claim(store, 1)).toBeNull()
    expect((await store.quiet.held()).map(({ incident: { id }, wasTold }) => [id, wasTold])).toEqual([
      ['inc-a', true],
    ])
    await store.outbox.recover(at(2))
    const again = await claim(store, 2)
    if (again !== null) await store.outbox.settle(again, { state: 'sent', reference: 'r', at: at(2) })
    await store.quiet.release('inc-a' as IncidentId, at(3))
    expect(await store.quiet.held()).toEqual([])
    expect(await store.outbox.nextDueAt()).toBe(at(3))
    expect((await claim(store, 3))?.notifications.map(({ id }) => id)).toEqual(['n1', 'n3'])
  })

  test('what is dropped is never sent, and an incident of which nothing else was told is untold', async () => {
    await using store = await open()
    const opened = step('inc-a', 1)
    await store.commitTransitions([opened], [notification('n1', opened.incident, { held: 'a window' })])
    expect(await store.quiet.held()).toEqual([{ incident: opened.incident, wasTold: false }])
    await store.quiet.drop('inc-a' as IncidentId)
    expect(await store.quiet.held()).toEqual([])
    expect(await claim(store, 9)).toBeNull()
    await store.quiet.release('inc-a' as IncidentId, at(9))
    expect(await claim(store, 9)).toBeNull()
    expect((await store.outbox.ofIncident('inc-a' as IncidentId)).map(({ state }) => state)).toEqual([
      'dropped',
    ])
    await store.commitTransitions([], [notification('n2', opened.incident, { held: 'a window' })])
    expect(await store.quiet.held()).toMatchObject([{ wasTold: false }])
  })

  test('reminders go in with how far they reach', async () => {
    await using store = await open()
    expect(await store.quiet.remindedUntil()).toBeNull()
    const opened = step('inc-a', 1)
    await store.commitTransitions([opened], [])
    await store.quiet.commitReminders(at(4), [notification('n1', opened.incident)])
    await store.quiet.commitReminders(at(5), [notification('n1', opened.incident)])
    expect(await store.quiet.remindedUntil()).toBe(at(5))
    expect(await store.outbox.pending(9)).toHaveLength(1)
  })
}
