import { describe, expect, test } from 'vitest'
import { createAddressLimiter, createLimiter } from '../../../src/probe/politeness.ts'
import { type IpAddress, parseIpAddress } from '../../../src/protocol/ip-address.ts'

const patient = new AbortController().signal

function address(text: string): IpAddress {
  return parseIpAddress(text) ?? expect.fail(text)
}

/** Work that counts how much of it runs at once. */
function counter() {
  let now = 0
  const seen = { most: 0, done: 0 }
  const work = async () => {
    now += 1
    seen.most = Math.max(seen.most, now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
    seen.done += 1
  }
  return { seen, work }
}

test('runs no more at once than it may', async () => {
  const { seen, work } = counter()
  const limit = createLimiter(3)
  await Promise.all(Array.from({ length: 20 }, () => limit(patient, work)))
  expect(seen).toEqual({ most: 3, done: 20 })
})

describe('connections to addresses', () => {
  test.each([
    ['one /24', (n: number) => `192.0.2.${n}`, 2],
    ['many /24', (n: number) => `192.0.${n}.1`, 5],
    ['one /48', (n: number) => `2001:db8:7:${n}::1`, 2],
    ['many /48', (n: number) => `2001:db8:${n}::1`, 5],
    ['one /48 with zeros', (n: number) => `2001:db8::${n}`, 2],
  ])('%s', async (_what, addressOf, most) => {
    const { seen, work } = counter()
    const limit = createAddressLimiter(5, 2)
    await Promise.all(Array.from({ length: 20 }, (_, n) => limit(address(addressOf(n + 1)), patient, work)))
    expect(seen).toEqual({ most, done: 20 })
  })

  test('those that wait for a crowded network hold no place of others', async () => {
    const limit = createAddressLimiter(3, 1)
    const slow = Promise.withResolvers<void>()
    const crowded = Array.from({ length: 5 }, (_, n) =>
      limit(address(`192.0.2.${n}`), patient, () => slow.promise),
    )
    const elsewhere = await limit(address('198.51.100.1'), patient, async () => 'done')
    slow.resolve()
    await Promise.all(crowded)
    expect(elsewhere).toBe('done')
  })
})

describe('giving up', () => {
  test('while waiting is a fault at once, and the work never starts', async () => {
    const limit = createLimiter(1)
    const slow = Promise.withResolvers<void>()
    const running = limit(patient, () => slow.promise)
    const control = new AbortController()
    let started = false
    const waiting = limit(control.signal, async () => {
      started = true
    })
    control.abort()
    await expect(waiting).rejects.toMatchObject({ fault: { kind: 'deadline', blame: 'local' } })
    slow.resolve()
    await running
    expect(started).toBe(false)
  })

  test('while it runs leaves the end to the work itself', async () => {
    const control = new AbortController()
    const running = createLimiter(1)(control.signal, async () => {
      control.abort()
      return 'cleaned up'
    })
    expect(await running).toBe('cleaned up')
  })
})
