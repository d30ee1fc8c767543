import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance } from '../../src/incident/advance.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { FindingCode, Judgement } from '../../src/model/finding.ts'
import type { Incident, Transition } from '../../src/model/incident.ts'
import { countingTools, DOMAIN, finding, look, remember, START } from '../unit/incident/play.ts'

const TOLD: ReadonlySet<string> = new Set(['opened', 'worsened', 'resolved', 'flapping', 'steadied'])

interface Step {
  readonly afterMinutes: number
  readonly seen: readonly { readonly code: FindingCode; readonly subject: string | null }[]
  readonly undecided: readonly FindingCode[]
  readonly critical: boolean
  readonly rungDays: number
  readonly replayed: boolean
}

const codes = fc.constantFrom<FindingCode>(
  'mta-sts.record.invalid',
  'mx.certificate.expired',
  'mx.certificate.expiring',
  'mx.host.unreachable',
)
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterMinutes: fc.integer({ min: 0, max: 40 }),
    seen: fc.uniqueArray(fc.record({ code: codes, subject: fc.constantFrom(null, 'mx1', 'mx2') }), {
      maxLength: 4,
      selector: ({ code, subject }) => `${code} ${subject}`,
    }),
    undecided: fc.uniqueArray(codes, { maxLength: 2 }),
    critical: fc.boolean(),
    rungDays: fc.constantFrom(21, 7, 3, 1),
    replayed: fc.boolean(),
  }),
  { maxLength: 60 },
)

function judgementOf({ seen, undecided, critical, rungDays }: Step, at: UnixMs): Judgement {
  const severity = critical ? 'critical' : 'warning'
  const because = { kind: 'dns-timeout', blame: 'path', detail: '' } as const
  return {
    observedAt: at,
    findings: seen.map(({ code, subject }) =>
      finding(code, at, { subject, severity, evidence: { rungDays } }),
    ),
    undecided: undecided.map((code) => ({ code, domain: DOMAIN, subject: 'any', because }) as const),
  }
}

/** Plays the steps; `watch` sees the memory before, the transitions and the memory after each. */
function run(
  story: readonly Step[],
  watch: (before: readonly Incident[], made: readonly Transition[], after: readonly Incident[]) => void,
): void {
  const tools = countingTools()
  let memory: readonly Incident[] = []
  let at = START
  for (const step of story) {
    at += step.afterMinutes * MINUTE_MS
    const judgement = judgementOf(step, at)
    const made = advance(memory, judgement, at, tools)
    const after = remember(memory, made)
    watch(memory, made, after)
    if (step.replayed) expect(advance(after, judgement, at + MINUTE_MS, tools)).toEqual([])
    memory = after
  }
}

describe('whatever is seen', () => {
  it('no key ever has two live incidents, and no look makes two transitions of one incident', () => {
    fc.assert(
      fc.property(steps, (story) => {
        run(story, (_, made, after) => {
          const live = after.filter(({ phase }) => phase.name !== 'resolved')
          expect(new Set(live.map(({ key }) => key)).size).toBe(live.length)
          expect(new Set(made.map(({ incident }) => incident.id)).size).toBe(made.length)
        })
      }),
    )
  })

  it('the number of an incident grows by one with everything told, and by nothing else', () => {
    fc.assert(
      fc.property(steps, (story) => {
        run(story, (before, made) => {
          for (const { reason, incident } of made) {
            const was = before.find(({ id }) => id === incident.id)?.transitions ?? 0
            expect(incident.transitions - was).toBe(TOLD.has(reason) ? 1 : 0)
          }
        })
      }),
    )
  })

  it('what is undecided and not seen stays exactly as it was', () => {
    fc.assert(
      fc.property(steps, codes, (story, code) => {
        const blind = story.map((step, index) =>
          index % 2 === 0
            ? step
            : { ...step, seen: step.seen.filter((seen) => seen.code !== code), undecided: [code] },
        )
        let index = 0
        run(blind, (_, made) => {
          if (index++ % 2 === 1)
            expect(made.filter(({ incident }) => incident.latest.code === code)).toEqual([])
        })
      }),
    )
  })
})

describe('any day of ups and downs', () => {
  const spells = fc.array(
    fc.record({ word: fc.constantFrom('bad', 'ok', '?'), looks: fc.integer({ min: 1, max: 12 }) }),
    { minLength: 30, maxLength: 120 },
  )

  it('is told in at most four messages in any six hours, and its end is always told', () => {
    fc.assert(
      fc.property(
        spells,
        codes,
        fc.constantFrom('bad', 'ok'),
        fc.integer({ min: 1, max: 7 }),
        (day, code, end, step) => {
          const words = day
            .flatMap(({ word, looks }) => Array.from({ length: looks }, () => word))
            .slice(0, 288)
          const rest = Array.from({ length: (7 * 60) / step + 1 }, () => end)
          const told = hear([...words, ...rest], code, step * MINUTE_MS)
          const busiest = told.map(
            ({ at }) => told.filter((other) => other.at > at - 6 * HOUR_MS && other.at <= at).length,
          )
          expect(Math.max(0, ...busiest)).toBeLessThanOrEqual(4)
          expect(told.at(-1)?.state ?? 'ok').toBe(end)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

/** What people hear: when, and which state they then believe. */
function hear(words: readonly string[], code: FindingCode, stepMs: number): { at: UnixMs; state: string }[] {
  const tools = countingTools()
  let memory: readonly Incident[] = []
  return words.flatMap((word, index) => {
    const at = START + index * stepMs
    const made = advance(memory, look(word, code, at), at, tools)
    memory = remember(memory, made)
    return made
      .filter(({ reason }) => TOLD.has(reason))
      .map(({ reason, incident }) => ({ at, state: believed(reason, incident) }))
  })
}

function believed(reason: string, { phase }: Incident): string {
  if (reason === 'flapping') return 'unsteady'
  return phase.name === 'resolved' ? 'ok' : 'bad'
}
