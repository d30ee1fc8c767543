import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/lib/time.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, job } from './store-samples.ts'

const LEASE_MS = 5 * MINUTE_MS

export function jobContract(open: OpenEmptyStore): void {
  test('a key becomes a job once, even after it was done', async () => {
    await using store = await open()
    expect(await store.jobs.enqueue(job('a', at(0)))).toBe(true)
    expect(await store.jobs.enqueue(job('a', at(5)))).toBe(false)
    const claimed = await store.jobs.claim(['check'], at(1), LEASE_MS)
    if (claimed !== null) await store.jobs.finish(claimed, 'done')
    expect(await store.jobs.enqueue(job('a', at(9)))).toBe(false)
    expect(await store.jobs.claim(['check'], at(99), LEASE_MS)).toBeNull()
  })

  test('gives due jobs of the kinds asked for, the longest due first, each to one claimant', async () => {
    await using store = await open()
    const slot = { schedule: 'example.com', at: at(1) }
    await store.jobs.enqueue(job('later', at(2)))
    await store.jobs.enqueue(job('first', at(1), { slot, argument: 'example.com' }))
    await store.jobs.enqueue(job('other', at(0), { kind: 'prune' }))
    await store.jobs.enqueue(job('not-yet', at(9)))
    const claim = () => store.jobs.claim(['check', 'remind'], at(3), LEASE_MS)
    expect(await claim()).toMatchObject({
      ...job('first', at(1), { slot, argument: 'example.com' }),
      attempt: 1,
    })
    expect(await claim()).toMatchObject({ key: 'later', dueAt: at(2) })
    expect(await claim()).toBeNull()
    expect(await store.jobs.claim([], at(99), LEASE_MS)).toBeNull()
  })

  test('a lease that runs out is given again, and the first holder can then finish nothing', async () => {
    await using store = await open()
    await store.jobs.enqueue(job('a', at(0)))
    const stale = await store.jobs.claim(['check'], at(0), LEASE_MS)
    expect(await store.jobs.nextDueAt()).toBe(at(5))
    expect(await store.jobs.claim(['check'], at(4), LEASE_MS)).toBeNull()
    const fresh = await store.jobs.claim(['check'], at(5), LEASE_MS)
    expect(fresh).toMatchObject({ key: 'a', attempt: 2 })
    if (stale !== null) await store.jobs.finish(stale, 'done')
    expect(await store.jobs.nextDueAt()).toBe(at(10))
    if (fresh !== null) await store.jobs.finish(fresh, 'failed')
    expect(await store.jobs.nextDueAt()).toBeNull()
  })

  test('what a dead process left leased is due at once after recovery', async () => {
    await using store = await open()
    await store.jobs.enqueue(job('a', at(0)))
    await store.jobs.enqueue(job('b', at(50)))
    await store.jobs.claim(['check'], at(0), LEASE_MS)
    expect(await store.jobs.recover(at(1))).toBe(1)
    expect(await store.jobs.claim(['check'], at(1), LEASE_MS)).toMatchObject({ key: 'a', attempt: 2 })
    expect(await store.jobs.claim(['check'], at(1), LEASE_MS)).toBeNull()
  })

  test('pruning forgets ended jobs, but neither the newest slot of a schedule nor unfinished work', async () => {
    await using store = await open()
    const slots = [1, 2, 3].map((n) => job(`slot-${n}`, at(n), { slot: { schedule: 's', at: at(n) } }))
    for (const one of [...slots, job('plain', at(4)), job('waiting', at(5))]) await store.jobs.enqueue(one)
    for (let n = 0; n < 4; n++) {
      const claimed = await store.jobs.claim(['check'], at(4), LEASE_MS)
      if (claimed !== null) await store.jobs.finish(claimed, 'done')
    }
    await store.jobs.prune(at(99))
    expect(await store.jobs.lastSlot('s')).toBe(at(3))
    expect(await store.jobs.lastSlot('never')).toBeNull()
    expect(await store.jobs.enqueue(job('slot-3', at(3)))).toBe(false)
    expect(await store.jobs.enqueue(job('slot-2', at(2)))).toBe(true)
    expect(await store.jobs.enqueue(job('plain', at(4)))).toBe(true)
    expect(await store.jobs.enqueue(job('waiting', at(5)))).toBe(false)
  })
}
