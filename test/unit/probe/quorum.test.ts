import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, dnsFault } from '../../../src/lab/build-world.ts'
import type { DnsFault, LabRecord } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { Resolver } from '../../../src/model/dns.ts'
import { createResolver } from '../../../src/probe/resolver.ts'
import { type LabProbe, nameOf, QUICK, startLabProbe } from './lab-probe.ts'

const STATES = ['ok', 'timeout', 'servfail', 'refused', 'lie'] as const
type State = (typeof STATES)[number]

const signal = new AbortController().signal
const MASKS = STATES.flatMap((a) => STATES.flatMap((b) => STATES.map((c) => [a, b, c] as const)))

/** The truth table in one rule (R26): a majority is the answer; two answers that differ are a split; else a fault. */
function expected(states: readonly State[]): string {
  const count = (state: State) => states.filter((one) => one === state).length
  const needed = states.length === 2 ? 2 : Math.floor(states.length / 2) + 1
  if (count('ok') >= needed) return 'truth'
  if (count('lie') >= needed) return 'lie'
  return count('ok') > 0 && count('lie') > 0 ? 'dns-split' : 'fault'
}

function record(name: string, text: string): LabRecord {
  return { name, ttlSeconds: 60, type: 'TXT', text }
}

function nameFor(states: readonly State[]): string {
  return `${states.join('-')}.zone.test`
}

function faultFor(state: State, name: string): DnsFault | null {
  if (state === 'ok') return null
  return state === 'lie' ? { instead: [record(name, 'lie')] } : state
}

const pairs = STATES.flatMap((a) => STATES.map((b) => [a, b] as const))
const bogus = ['bogus-one.zone.test', 'bogus-two.zone.test', 'bogus-all.zone.test']

const world = buildWorld({
  zones: [{ name: 'zone.test', secure: false }],
  records: [...MASKS, ...pairs]
    .map((states) => record(nameFor(states), 'truth'))
    .concat(bogus.map((name) => record(name, 'truth'))),
  dnsFaults: [
    ...[...MASKS, ...pairs].flatMap((states) =>
      states.flatMap((state, resolver) => {
        const fault = faultFor(state, nameFor(states))
        return fault === null ? [] : [dnsFault(nameFor(states), fault, { resolver })]
      }),
    ),
    ...bogus.flatMap((name, most) =>
      [0, 1, 2].map((resolver) => dnsFault(name, resolver <= most ? 'bogus' : 'servfail', { resolver })),
    ),
  ],
})

let kit: LabProbe
const limits = { ...QUICK.dns, atOnce: 40 }

function resolverOf(count: number): Resolver {
  const servers = kit.lab.resolvers
    .slice(0, count)
    .map(({ host, port }) => ({ address: host, port, trusted: false }))
  return createResolver({ servers, clock: systemClock, limits })
}

async function told(resolver: Resolver, name: string): Promise<string> {
  const look = await resolver.txt(nameOf(name), signal)
  if (look.outcome === 'seen') return look.value.records.join()
  if (look.outcome !== 'failed') return look.outcome
  return look.fault.kind === 'dns-split' ? 'dns-split' : 'fault'
}

beforeAll(async () => {
  kit = await startLabProbe(world, { lab: { resolvers: 3 } })
})
afterAll(() => kit[Symbol.asyncDispose]())

describe('several resolvers', () => {
  test('three: all 125 ways of being well, silent, broken, refusing or lying', async () => {
    const resolver = resolverOf(3)
    const answers = await Promise.all(
      MASKS.map(async (states) => [nameFor(states), await told(resolver, nameFor(states))]),
    )
    expect(answers).toEqual(MASKS.map((states) => [nameFor(states), expected(states)]))
  })

  test('two: both must agree', async () => {
    const resolver = resolverOf(2)
    const answers = await Promise.all(
      pairs.map(async (states) => [nameFor(states), await told(resolver, nameFor(states))]),
    )
    expect(answers).toEqual(pairs.map((states) => [nameFor(states), expected(states)]))
  })

  test('one dead server costs no time when the others agree', async () => {
    const look = await resolverOf(3).txt(nameOf('timeout-ok-ok.zone.test'), signal)
    expect(look.outcome === 'seen' && look.tookMs < limits.tryMs).toBe(true)
  })

  test('a split tells both answers', async () => {
    const look = await resolverOf(2).txt(nameOf('ok-lie.zone.test'), signal)
    expect(look.outcome === 'failed' && look.fault.detail).toMatch(/truth.*lie|lie.*truth/)
  })

  test.each([
    [bogus[0], 'dns-servfail'],
    [bogus[1], 'dns-bogus'],
    [bogus[2], 'dns-bogus'],
  ])('%s: %s (one validating resolver alone does not convict a zone)', async (name = '', kind) => {
    const look = await resolverOf(3).txt(nameOf(name), signal)
    expect(look.outcome === 'failed' && look.fault.kind).toBe(kind)
  })
})
