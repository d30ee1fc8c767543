import { describe, expect, it } from 'vitest'
import {
  BRAKE_OFF,
  type BrakeState,
  type CheckSummary,
  isHeldBack,
  massFailure,
  recordCheck,
  refreshBrake,
  summarise,
} from '../../../src/check/mass-failure.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import type { Finding, FindingCode, Judgement } from '../../../src/model/finding.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { finding, play } from '../incident/play.ts'
import { START, simpleLook } from './simple-look.ts'

interface Crowd {
  readonly failing: number
  readonly of: number
  /** Where domain number n failed. */
  readonly hosts: (n: number) => readonly string[]
  readonly networks: (n: number) => readonly string[]
}

const OWN_PLACES: Pick<Crowd, 'hosts' | 'networks'> = {
  hosts: (n) => [`mx.d${n}.example`],
  networks: (n) => [`192.0.${n}.0/24`],
}

function summary(
  n: number,
  isFailing: boolean,
  { hosts, networks }: Pick<Crowd, 'hosts' | 'networks'>,
  at = START,
) {
  const place = isFailing ? { hosts: hosts(n), networks: networks(n) } : { hosts: [], networks: [] }
  const newlyBad: readonly FindingCode[] = isFailing ? ['mx.host.unreachable'] : []
  return { domain: `d${n}.example` as DomainName, at, newlyBad, ...place } satisfies CheckSummary
}

function brakeAfter(crowd: Crowd): BrakeState {
  return Array.from({ length: crowd.of }, (_, n) => summary(n, n >= crowd.of - crowd.failing, crowd)).reduce(
    (state, one) => recordCheck(state, one, START),
    BRAKE_OFF,
  )
}

const half: Crowd = { failing: 20, of: 40, ...OWN_PLACES }

describe('many domains failing at once', () => {
  it.each<[string, Crowd, string]>([
    ['half of forty, everywhere', half, 'brake'],
    ['all of five', { ...half, failing: 5, of: 5 }, 'brake'],
    ['four of four', { ...half, failing: 4, of: 4 }, 'quiet'],
    ['thirty per cent', { ...half, failing: 12 }, 'brake'],
    ['less than thirty per cent', { ...half, failing: 11 }, 'quiet'],
    ['few networks', { ...half, networks: (n) => [`192.0.${n % 4}.0/24`] }, 'quiet'],
    ['one host', { ...half, hosts: () => ['mx.provider.example'] }, 'provider'],
    ['one provider', { ...half, hosts: (n) => [`mx${n}.provider.example`] }, 'provider'],
    ['one network', { ...half, networks: () => ['192.0.2.0/24'] }, 'provider'],
    [
      'one host and their own',
      { ...half, hosts: (n) => [`mx.d${n}.example`, 'mx.provider.example'] },
      'provider',
    ],
    ['nobody', { ...half, failing: 0 }, 'quiet'],
  ])('%s', (_, crowd, kind) => {
    expect(massFailure(brakeAfter(crowd)).kind).toBe(kind)
  })

  it('are counted by their newest look of the last ten minutes', () => {
    const held = brakeAfter(half)
    expect(massFailure(held)).toMatchObject({ kind: 'brake', of: 40 })
    expect(refreshBrake(held, START + 10 * MINUTE_MS)).toEqual(BRAKE_OFF)
    const again = recordCheck(held, summary(39, false, OWN_PLACES), START)
    expect(massFailure(again)).toMatchObject({ of: 40, domains: { length: 19 } })
  })

  it('hold the brake until well under the limit, so that it does not flicker', () => {
    let state = brakeAfter(half)
    const heldWith = Array.from({ length: 20 }, (_, n) => {
      state = recordCheck(state, summary(39 - n, false, OWN_PLACES), START)
      return { left: 19 - n, held: state.heldSince !== null }
    })
    expect(
      heldWith
        .filter(({ held }) => held)
        .map(({ left }) => left)
        .at(-1),
    ).toBe(6)
    expect(state.heldSince).toBeNull()
  })
})

describe('the brake', () => {
  const at = (minutes: number) => START + minutes * MINUTE_MS
  const failed = (code: FindingCode, cause = ''): Finding => finding(code, START, { evidence: { cause } })

  it.each<[string, Finding, number, boolean]>([
    ['an unreachable host, at once', failed('mx.host.unreachable'), 0, true],
    ['an unreachable host, for as long as it lasts', failed('mx.host.unreachable'), 600, true],
    ['a policy host without connection', failed('mta-sts.policy.unfetchable', 'connect'), 600, true],
    ['a policy host that answers 404', failed('mta-sts.policy.unfetchable', 'status'), 14, true],
    [
      'a policy host that answers 404, after one more round',
      failed('mta-sts.policy.unfetchable', 'status'),
      15,
      false,
    ],
    ['an expired certificate, for one more round', failed('mx.certificate.expired'), 14, true],
    ['an expired certificate, after it', failed('mx.certificate.expired'), 15, false],
    ['the monitor itself, never', failed('monitor.smtp.blind'), 0, false],
  ])('holds %s', (_, one, minutes, isHeld) => {
    expect(isHeldBack({ summaries: [], heldSince: START }, one, at(minutes))).toBe(isHeld)
    expect(isHeldBack(BRAKE_OFF, one, at(minutes))).toBe(false)
  })
})

describe('the summary of a look', () => {
  const smtp = { 'mx1.example.com': { '192.0.2.7': 'connect-timeout' } } as const
  const snapshot = simpleLook({ smtp, https: { '198.51.100.3': 'connect-timeout' } })
  const judged = (...codes: readonly (readonly [FindingCode, string | null])[]): Judgement => ({
    observedAt: START,
    undecided: [],
    findings: codes.map(([code, subject]) => finding(code, START, { subject })),
  })
  const longKnown = START - 60 * MINUTE_MS

  it.each<[string, Judgement, string[], string[]]>([
    ['an MX host', judged(['mx.host.unreachable', 'mx1.example.com']), ['mx1.example.com'], ['192.0.2.0/24']],
    [
      'the policy host',
      judged(['mta-sts.policy.unfetchable', null]),
      ['mta-sts.example.com'],
      ['198.51.100.0/24'],
    ],
    ['the DNS alone', judged(['mx.record.missing', null]), [], ['example.com']],
    ['what is only published', judged(['mta-sts.policy.mode-weaker', null]), [], []],
  ])('says where it failed: %s', (_, judgement, hosts, networks) => {
    expect(summarise(judgement, [], snapshot, longKnown)).toMatchObject({ hosts, networks })
  })

  it('leaves out what is told already and what was bad from the first look on', () => {
    const code: FindingCode = 'mx.certificate.expired'
    const { memory } = play('bad bad', { code })
    const again = judged([code, null])
    const isNew = (...[incidents, since]: [typeof memory, number | null]) =>
      summarise(again, incidents, snapshot, since).newlyBad.length === 1
    expect(isNew([], longKnown)).toBe(true)
    expect(isNew(memory, longKnown)).toBe(false)
    expect(isNew([], null)).toBe(false)
    expect(isNew([], START - MINUTE_MS)).toBe(false)
  })
})
