import { describe, expect, it } from 'vitest'
import {
  canariesDue,
  EMPTY_SIGHT,
  needsCanary,
  recordCanary,
  recordLook,
  type SightWindow,
  vantage,
} from '../../../src/check/vantage.ts'
import { MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { SightProtocol } from '../../../src/model/vantage.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { type Fate, type SimpleLook, START, simpleLook } from './simple-look.ts'

interface Canary {
  readonly protocol: SightProtocol
  readonly answered: boolean
  readonly at?: number
  readonly name?: string
}

function windowOf(looks: readonly Partial<SimpleLook>[], canaries: readonly Canary[] = []): SightWindow {
  const seen = looks.reduce<SightWindow>(
    (window, look) => recordLook(window, simpleLook(look), START),
    EMPTY_SIGHT,
  )
  return canaries.reduce(
    (window, { protocol, answered, at = START, name = 'canary.example' }) =>
      recordCanary(window, { protocol, name: name as DomainName, at, answered }, START),
    seen,
  )
}

/** One MX in a network of its own; example.<n> so that names differ too. */
function mx(network: number, fate: Fate, at = START): Partial<SimpleLook> {
  return {
    domain: `d${network}.example`,
    at,
    smtp: { [`mx${network}.example`]: { [`192.0.${network}.1`]: fate } },
  }
}

const minutes = (count: number) => START + count * MINUTE_MS

describe('sight over SMTP', () => {
  const silent = mx(1, 'connect-timeout')
  it.each<[string, readonly Partial<SimpleLook>[], readonly boolean[], string]>([
    ['nothing known', [], [], 'unproven'],
    ['an answer', [mx(1, 'seen')], [], 'sees'],
    ['silence', [silent], [], 'unproven'],
    ['silence, canary answers', [silent], [true], 'sees'],
    ['silence, canary silent', [silent], [false], 'blind'],
    ['silence here, an answer elsewhere', [silent, mx(2, 'seen')], [], 'sees'],
    ['the answer was from the silent network', [mx(1, 'seen', minutes(-5)), silent], [], 'unproven'],
    ['an answer elsewhere nine minutes ago', [silent, mx(2, 'seen', minutes(-9))], [], 'sees'],
    ['an answer elsewhere ten minutes ago', [silent, mx(2, 'seen', minutes(-10))], [], 'unproven'],
    [
      'two networks silent since an answer',
      [mx(9, 'seen', minutes(-1)), silent, mx(2, 'connect-timeout')],
      [],
      'sees',
    ],
    [
      'three networks silent since an answer',
      [mx(9, 'seen', minutes(-1)), silent, mx(2, 'connect-timeout'), mx(3, 'connect-refused')],
      [],
      'unproven',
    ],
    [
      'three networks silent since, canary silent',
      [mx(9, 'seen', minutes(-1)), silent, mx(2, 'connect-timeout'), mx(3, 'connect-reset')],
      [false],
      'blind',
    ],
    ['everything answers but the canary', [mx(1, 'seen')], [false], 'sees'],
  ])('%s', (_, looks, canaries, sight) => {
    const asked = canaries.map((answered) => ({ protocol: 'smtp', answered }) as const)
    expect(vantage(windowOf(looks, asked), START).smtp).toBe(sight)
  })

  it.each<[Fate, string]>([
    ['greeting-4xx', 'sees'],
    ['greeting-5xx', 'sees'],
    ['ehlo-failed', 'sees'],
    ['greeting-timeout', 'unproven'],
    ['connect-refused', 'unproven'],
    ['no-route', 'unproven'],
    ['address-denied', 'unproven'],
    ['skipped', 'unproven'],
  ])('after %s alone: %s', (fate, sight) => {
    expect(vantage(windowOf([mx(1, fate)]), START).smtp).toBe(sight)
  })

  it('counts a network as answering when one of its addresses does', () => {
    const smtp = { 'mx1.example': { '192.0.1.1': 'seen', '192.0.1.2': 'connect-timeout' } } as const
    expect(vantage(windowOf([{ smtp }]), START).smtp).toBe('sees')
  })

  it('tells IPv6 networks by their /48', () => {
    const v6 = (address: string, fate: Fate, at: number) => ({
      at,
      smtp: { 'mx.example': { [address]: fate } },
    })
    const answered = v6('2001:db8:1::1', 'seen', minutes(-1))
    const same = windowOf([answered, v6('2001:db8:1:2::7', 'connect-timeout', START)])
    const other = windowOf([answered, v6('2001:db8:2::1', 'connect-timeout', START)])
    expect([vantage(same, START).smtp, vantage(other, START).smtp]).toEqual(['unproven', 'sees'])
  })

  it('needs every canary to be silent before it calls itself blind', () => {
    const one = { protocol: 'smtp', name: 'one.example' } as const
    const two = { protocol: 'smtp', name: 'two.example' } as const
    const mixed = windowOf(
      [silent],
      [
        { ...one, answered: false },
        { ...two, answered: true },
      ],
    )
    const dark = windowOf(
      [silent],
      [
        { ...one, answered: false },
        { ...two, answered: false },
      ],
    )
    expect([vantage(mixed, START).smtp, vantage(dark, START).smtp]).toEqual(['sees', 'blind'])
  })
})

describe('sight over HTTPS', () => {
  it.each<[Fate, string]>([
    ['seen', 'sees'],
    ['tls-alert', 'sees'],
    ['connect-timeout', 'unproven'],
    ['tls-timeout', 'unproven'],
  ])('after a handshake that was %s: %s', (fate, sight) => {
    expect(vantage(windowOf([{ https: { '192.0.1.1': fate } }]), START).https).toBe(sight)
  })

  it('is judged apart from the other protocols', () => {
    const window = windowOf(
      [{ https: { '192.0.1.1': 'connect-timeout' }, ...mx(2, 'seen') }],
      [{ protocol: 'https', answered: false }],
    )
    expect(vantage(window, START)).toEqual({ dns: 'sees', dnssec: 'sees', https: 'blind', smtp: 'sees' })
  })
})

describe('sight over DNS', () => {
  const answers: readonly Fate[] = [
    'seen',
    'absent',
    'dns-timeout',
    'dns-servfail',
    'dns-refused',
    'dns-bogus',
  ]
  // What the domain's own answer, another zone's answer and the canary (null: not asked) make of it.
  const truth = answers.flatMap((own) =>
    answers.flatMap((other) => ([null, true, false] as const).map((canary) => ({ own, other, canary }))),
  )

  it.each(truth)('own $own, other zone $other, canary $canary', ({ own, other, canary }) => {
    const window = windowOf(
      [
        { domain: 'a.example', dns: own },
        { domain: 'b.test', dns: other },
      ],
      canary === null ? [] : [{ protocol: 'dns', answered: canary }],
    )
    const both = [own, other]
    const hinted = both.includes('absent') || both.includes('dns-bogus')
    const expected =
      both.includes('seen') || canary === true
        ? 'sees'
        : canary === false
          ? 'blind'
          : hinted
            ? 'sees'
            : 'unproven'
    expect(vantage(window, START).dns).toBe(expected)
  })
})

it.each([
  ['refuted by the canary', false, 'blind'],
  ['confirmed by the canary', true, 'sees'],
])('an answer of a minute ago, %s (%s): %s', (_, answered, sight) => {
  const looks = [{ domain: 'a.test', at: minutes(-1) }, { dns: 'absent' as const }]
  expect(vantage(windowOf(looks, [{ protocol: 'dns', answered }]), START).dns).toBe(sight)
})

describe('canaries', () => {
  const asked = (looks: readonly Partial<SimpleLook>[], canaries: readonly Canary[] = []) => {
    const last = simpleLook(looks.at(-1))
    return needsCanary(windowOf(looks, canaries), last, START)
  }

  it.each<[string, readonly Partial<SimpleLook>[], readonly Canary[], readonly SightProtocol[]]>([
    ['all well', [{ ...mx(1, 'seen'), https: { '192.0.2.1': 'seen' } }], [], []],
    ['a silent MX', [mx(1, 'connect-timeout')], [], ['smtp']],
    ['a silent MX, another answering', [mx(2, 'seen'), mx(1, 'connect-timeout')], [], []],
    ['a silent policy host', [{ https: { '192.0.2.1': 'connect-timeout' } }], [], ['https']],
    ['a resolver that fails', [{ dns: 'dns-servfail' }], [], ['dns']],
    [
      'no answer at all, a second after other zones answered',
      [{ domain: 'a.test', at: START - 1_000 }, { dns: 'dns-timeout' }],
      [],
      ['dns'],
    ],
    ['a resolver that denies everything', [{ dns: 'absent' }], [], ['dns']],
    ['a denial, while other zones answer', [{ domain: 'a.test' }, { dns: 'absent' }], [], []],
    [
      'a denial, while other zones answered a minute ago',
      [{ domain: 'a.test', at: minutes(-1) }, { dns: 'absent' }],
      [],
      ['dns'],
    ],
    ['no IPv6 here', [mx(1, 'no-route')], [], []],
    [
      'a canary that was asked just now',
      [mx(1, 'connect-timeout')],
      [{ protocol: 'smtp', answered: false, at: START - 59 * SECOND_MS }],
      [],
    ],
    [
      'a canary that was silent a minute ago',
      [mx(1, 'connect-timeout')],
      [{ protocol: 'smtp', answered: false, at: START - 60 * SECOND_MS }],
      ['smtp'],
    ],
  ])('%s', (_, looks, canaries, protocols) => {
    expect(asked(looks, canaries)).toEqual(protocols)
  })

  it('are asked every minute until we see again', () => {
    const dark = windowOf([mx(1, 'connect-timeout')], [{ protocol: 'smtp', answered: false }])
    const later = START + MINUTE_MS
    expect([canariesDue(dark, START), canariesDue(dark, later)]).toEqual([[], ['smtp']])
    const answer = {
      protocol: 'smtp',
      name: 'canary.example' as DomainName,
      at: later,
      answered: true,
    } as const
    expect(canariesDue(recordCanary(dark, answer, later), later + MINUTE_MS)).toEqual([])
  })
})

it('forgets what is older than ten minutes and keeps one line a target', () => {
  let window = EMPTY_SIGHT
  for (let look = 0; look < 50; look++) {
    const at = START + look * MINUTE_MS
    window = recordLook(window, simpleLook({ ...mx(look % 2, 'seen', at) }), at)
  }
  // Two domains, each with one zone, asked and validated, and one network.
  expect(window.targets.length).toBeLessThanOrEqual(6)
})
