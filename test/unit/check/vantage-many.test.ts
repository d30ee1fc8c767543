/** Sight with thousands of domains: the same verdict as if every outcome were kept, at a price that does not grow. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EMPTY_SIGHT, recordLook, vantage } from '../../../src/check/vantage.ts'
import { MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { Sight } from '../../../src/model/vantage.ts'
import { type Fate, START, simpleLook } from './simple-look.ts'

interface Contact {
  readonly network: number
  readonly fate: Fate
  readonly at: number
}

const lookAt = ({ network, fate, at }: Contact) =>
  simpleLook({ at, smtp: { 'mx.example': { [`192.${network >> 8}.${network & 255}.1`]: fate } } })

/** Straight from the rule (R29): an answer from a network not silent since, outweighed by three silent ones. */
function sightByRule(contacts: readonly Contact[], now: number): Sight {
  const recent = contacts.filter(({ at }) => now - at < 10 * MINUTE_MS)
  const silences = recent.filter(({ fate }) => fate !== 'seen')
  const standing = recent.filter(
    ({ fate, network, at }) =>
      fate === 'seen' && !silences.some((silence) => silence.network === network && silence.at >= at),
  )
  if (standing.length === 0) return 'unproven'
  const lastAt = Math.max(...standing.map(({ at }) => at))
  const silentSince = new Set(silences.filter(({ at }) => at > lastAt).map(({ network }) => network))
  return silentSince.size < 3 ? 'sees' : 'unproven'
}

const contacts = fc.array(
  fc.record({
    network: fc.nat(60),
    answers: fc.boolean(),
    delayed: fc.nat(9),
    pauseMs: fc.integer({ min: 11, max: 15 * SECOND_MS }),
  }),
  { minLength: 1, maxLength: 150 },
)

it('is the sight that every outcome of ten minutes would give, in whatever order they come in', () => {
  fc.assert(
    fc.property(contacts, fc.nat(100), (drawn, answering) => {
      let now = START
      let window = EMPTY_SIGHT
      const met: Contact[] = []
      for (const { network, answers, delayed, pauseMs } of drawn) {
        now += pauseMs
        // Mostly answers in some runs, mostly silence in others; some are told late.
        const fate = answers || network < answering ? 'seen' : 'connect-timeout'
        const contact = { network, fate, at: now - delayed } satisfies Contact
        met.push(contact)
        window = recordLook(window, lookAt(contact), now)
        expect(vantage(window, now).smtp).toBe(sightByRule(met, now))
      }
    }),
    { numRuns: 60 },
  )
})

it('takes in ten thousand networks within a moment', () => {
  let window = EMPTY_SIGHT
  const began = performance.now()
  for (let network = 0; network < 10_000; network++) {
    const at = START + network
    window = recordLook(window, lookAt({ network, fate: 'seen', at }), at)
    expect(vantage(window, at).smtp === 'sees').toBe(true)
  }
  // A quarter of a second; minutes if every look went through all that came before it.
  expect(performance.now() - began).toBeLessThan(50_000)
})
