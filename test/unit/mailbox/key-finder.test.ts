import { expect, it } from 'vitest'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from '../../../src/lib/time.ts'
import { createKeyFinder, KEY_LOOK_UP_MS } from '../../../src/mailbox/key-finder.ts'
import type { DnsAnswer, Resolver } from '../../../src/model/dns.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const NAME = 's._domainkey.sender.example' as DomainName
const told = { at: 0, tookMs: 0 } as const
const signal = new AbortController().signal

type Texts = Observation<DnsAnswer<readonly string[]>>

const found = (ttlSeconds: number): Texts => ({
  outcome: 'seen',
  ...told,
  value: { records: ['p=x'], ttlSeconds, security: 'insecure', cnames: [], signatures: null },
})
const absent: Texts = { outcome: 'absent', ...told, denial: 'nxdomain', security: 'insecure' }
const failed: Texts = {
  outcome: 'failed',
  ...told,
  fault: { kind: 'dns-servfail', blame: 'path', detail: 'SERVFAIL' },
}

function resolverOf(txt: Resolver['txt']): Resolver {
  const never = async () => {
    throw new Error('only TXT is asked for')
  }
  return { txt, mx: never, addresses: never, tlsa: never, ns: never, zoneOf: never }
}

it.each<[string, Texts, number]>([
  ['a key, for its TTL', found(90), 90 * SECOND_MS],
  ['a key with a long TTL, for an hour', found(86_400), HOUR_MS],
  ['that there is none, for a minute', absent, MINUTE_MS],
  ['that nobody knows, for ten seconds', failed, 10 * SECOND_MS],
])('remembers %s', async (_what, answer, keptMs) => {
  let asked = 0
  const clock = manualClock(0)
  const resolver = resolverOf(async () => {
    asked += 1
    return answer
  })
  const find = createKeyFinder(resolver, clock, signal)
  const first = await find(NAME)
  await clock.advance(keptMs - 1)
  expect(await find(NAME)).toEqual(first)
  expect(asked).toBe(1)
  await clock.advance(1)
  expect(await find(NAME)).toEqual(first)
  expect(asked).toBe(2)
})

it('a key with a TTL of zero is asked for each time', async () => {
  let asked = 0
  const resolver = resolverOf(async () => {
    asked += 1
    return found(0)
  })
  const find = createKeyFinder(resolver, manualClock(0), signal)
  await find(NAME)
  await find(NAME)
  expect(asked).toBe(2)
})

it('whoever asks while an answer is awaited gets the same one', async () => {
  let asked = 0
  const gate = Promise.withResolvers<Texts>()
  const resolver = resolverOf(() => {
    asked += 1
    return gate.promise
  })
  const find = createKeyFinder(resolver, manualClock(0), signal)
  const both = [find(NAME), find(NAME)]
  gate.resolve(found(300))
  expect(await Promise.all(both)).toEqual(Array(2).fill({ outcome: 'found', texts: ['p=x'] }))
  expect(asked).toBe(1)
})

it('waits two seconds for a key, and is told to stop when the intake closes', async () => {
  const untilAborted: Resolver['txt'] = (_name, stop) =>
    new Promise((resolve) => stop.addEventListener('abort', () => resolve(failed), { once: true }))
  const startedAt = performance.now()
  const find = createKeyFinder(resolverOf(untilAborted), systemClock, signal)
  expect(await find(NAME)).toEqual({ outcome: 'unknown', detail: 'SERVFAIL' })
  const tookMs = performance.now() - startedAt
  expect(tookMs).toBeGreaterThan(KEY_LOOK_UP_MS - 100)
  expect(tookMs).toBeLessThan(KEY_LOOK_UP_MS + 20_000)

  const closing = new AbortController()
  const stopped = createKeyFinder(resolverOf(untilAborted), systemClock, closing.signal)(NAME)
  closing.abort()
  expect(await stopped).toMatchObject({ outcome: 'unknown' })
})
