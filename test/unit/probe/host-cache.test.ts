import { describe, expect, test } from 'vitest'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { createHostCache } from '../../../src/probe/host-cache.ts'
import type { HostLook } from '../../../src/probe/mx-host.ts'
import { skipped } from '../../../src/probe/observe.ts'
import { nameOf } from './lab-probe.ts'

const MX = nameOf('mx.example.com')
const patient = new AbortController().signal

/** A cache over looks that end when the test says so. */
function stage() {
  const clock = manualClock(0)
  const looks: { readonly signal: AbortSignal; readonly end: () => void }[] = []
  const cache = createHostCache(clock, (name, signal) => {
    const number = looks.length + 1
    const { promise, resolve } = Promise.withResolvers<HostLook>()
    looks.push({
      signal,
      end: () =>
        resolve({ addresses: skipped(`${name} ${number}`), tlsa: skipped(''), tlsaBase: null, sessions: [] }),
    })
    return promise
  })
  const ask = async (maxAgeMs: number, signal = patient) => {
    const { addresses } = await cache.get(MX, maxAgeMs, signal)
    return addresses.outcome === 'skipped' ? addresses.because : addresses.outcome
  }
  return { clock, looks, ask }
}

describe('a mail host that many domains share', () => {
  test('is looked at once for all who ask at the same time, whatever age they accept', async () => {
    const { looks, ask } = stage()
    const asking = [ask(0), ask(MINUTE_MS), ask(0)]
    looks[0]?.end()
    expect(await Promise.all(asking)).toEqual(Array(3).fill('mx.example.com 1'))
    expect(looks).toHaveLength(1)
  })

  test('is looked at again when the last look is too old for the one who asks', async () => {
    const { clock, looks, ask } = stage()
    const first = ask(10 * MINUTE_MS)
    looks[0]?.end()
    await first
    await clock.advance(9 * MINUTE_MS)
    expect(await ask(10 * MINUTE_MS)).toBe('mx.example.com 1')
    const second = ask(5 * MINUTE_MS)
    looks[1]?.end()
    expect(await second).toBe('mx.example.com 2')
    expect(await ask(5 * MINUTE_MS)).toBe('mx.example.com 2')
  })

  test('a step of the wall clock makes no look older', async () => {
    const { clock, looks, ask } = stage()
    const first = ask(0)
    looks[0]?.end()
    await first
    clock.step(60 * MINUTE_MS)
    expect(await ask(MINUTE_MS)).toBe('mx.example.com 1')
  })
})

describe('giving up', () => {
  test('frees the one who gives up at once, and the look goes on for the others', async () => {
    const { looks, ask } = stage()
    const control = new AbortController()
    const impatient = ask(0, control.signal)
    const other = ask(0)
    control.abort()
    expect(await impatient).toBe('failed')
    expect(looks[0]?.signal.aborted).toBe(false)
    looks[0]?.end()
    expect(await other).toBe('mx.example.com 1')
  })

  test('ends the look when nobody waits for it any more, and forgets it', async () => {
    const { looks, ask } = stage()
    const control = new AbortController()
    const asking = [ask(0, control.signal), ask(0, control.signal)]
    control.abort()
    expect(await Promise.all(asking)).toEqual(['failed', 'failed'])
    expect(looks[0]?.signal.aborted).toBe(true)
    const again = ask(MINUTE_MS)
    looks[1]?.end()
    expect(await again).toBe('mx.example.com 2')
  })

  test('before the start starts nothing', async () => {
    const { looks, ask } = stage()
    expect(await ask(0, AbortSignal.abort())).toBe('failed')
    expect(looks.every((look) => look.signal.aborted)).toBe(true)
  })
})
