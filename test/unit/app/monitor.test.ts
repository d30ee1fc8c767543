import { describe, expect, test } from 'vitest'
import { Monitor } from '../../../src/app/monitor.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { answer, failed, healthy, MX1, mxHost, NO_SECOND_SESSION, NOW } from '../check/snapshot-builder.ts'
import { configOf, domain, FakeProbe, lookAt } from './desk.ts'

const OPS = 'ops' as ChannelId
const EXAMPLE = domain('example.com')
const SIGNAL = new AbortController().signal
const CANARIES = {
  dns: ['canary.example'],
  dnssec: ['signed.canary.example'],
  https: ['www1.canary.example', 'www2.canary.example'],
  smtp: ['mx.canary.example'],
}

function watchtower() {
  const clock = manualClock(NOW)
  const probe = new FakeProbe(clock.now)
  const world = { config: configOf({ domains: ['example.com'], canaries: CANARIES }), probe }
  const monitor = new Monitor(clock)
  return {
    clock,
    probe,
    monitor,
    prove: (look: Snapshot) => monitor.prove(lookAt(EXAMPLE, clock.now(), validated(look)), world, SIGNAL),
    proveUnsigned: (look: Snapshot) => monitor.prove(lookAt(EXAMPLE, clock.now(), look), world, SIGNAL),
    lookAround: () => monitor.lookAround(world, SIGNAL),
    codes: () =>
      monitor
        .judgement(['127.0.0.1:53'])
        .findings.map(({ code, subject }) => (subject === null ? code : `${code} ${subject}`)),
  }
}

function watching(watch: Readonly<Record<string, unknown>>) {
  return { config: configOf(watch), signsMail: false, reporter: null }
}

/** The look of a domain that is signed, which proves that our resolver validates. */
function validated(look: Snapshot): Snapshot {
  const { mx } = look
  return mx.outcome === 'seen' ? { ...look, mx: { ...mx, value: { ...mx.value, security: 'secure' } } } : look
}

const UNSIGNED = healthy({ hosts: [], stsRecord: answer(['v=STSv1; id=20261101T000000Z']) })

/** Nothing but port 25 is silent. */
const DEAF_MX: Snapshot = healthy({
  hosts: [
    {
      ...mxHost(MX1, ['192.0.2.25']),
      sessions: [
        { address: '192.0.2.25' as never, smtp: failed('connect-timeout'), dane: NO_SECOND_SESSION },
      ],
    },
  ],
})

const SILENCE = {
  outcome: 'failed',
  at: NOW,
  tookMs: 1,
  fault: { kind: 'connect-timeout', blame: 'path', detail: 'silent' },
} as const

describe('what a monitor says of itself', () => {
  test('is nothing at first', () => {
    expect(watchtower().codes()).toEqual([])
  })

  test.each<[string, string, (monitor: Monitor) => void, (monitor: Monitor) => void]>([
    [
      'a refused configuration',
      'monitor.config.broken',
      (monitor) => monitor.configBroken('watch.yaml', ['watch.yaml:1:1: found nothing']),
      (monitor) => monitor.configLoaded(),
    ],
    [
      'a channel that fails',
      'monitor.channel.failing ops',
      (monitor) => monitor.channelFailed(OPS, 'is_archived', 'the channel is archived'),
      (monitor) => monitor.channelWorks(OPS),
    ],
    [
      'a channel that is gone from the watch list',
      'monitor.channel.failing ops',
      (monitor) => monitor.channelFailed(OPS, 'is_archived', 'the channel is archived'),
      (monitor) => monitor.watches(watching({ domains: ['example.com'] })),
    ],
    [
      'a look that fails',
      'monitor.check.failing example.com',
      (monitor) => monitor.checkFailed(EXAMPLE, 'a bug'),
      (monitor) => monitor.checkWorked(EXAMPLE),
    ],
    [
      'a look that fails at a domain that is no longer watched',
      'monitor.check.failing example.com',
      (monitor) => monitor.checkFailed(EXAMPLE, 'a bug'),
      (monitor) => monitor.watches(watching({ domains: ['other.example'] })),
    ],
  ])('tells of %s until it is over', (_, code, breaks, mends) => {
    const { monitor, codes } = watchtower()
    breaks(monitor)
    expect(codes()).toEqual([code])
    mends(monitor)
    expect(codes()).toEqual([])
  })

  test('keeps what is still watched when the watch list is exchanged', () => {
    const { monitor, codes } = watchtower()
    monitor.checkFailed(EXAMPLE, 'a bug')
    monitor.channelFailed(OPS, 'is_archived', 'archived')
    monitor.watches(watching({ domains: ['example.com'], channels: { ops: { type: 'console' } } }))
    expect(codes()).toEqual(['monitor.check.failing example.com', 'monitor.channel.failing ops'])
  })
})

describe('sight', () => {
  test('is proven by a look where all answer, and no canary is asked', async () => {
    const { probe, prove } = watchtower()
    expect(await prove(healthy())).toEqual({ dns: 'sees', dnssec: 'sees', https: 'sees', smtp: 'sees' })
    expect(probe.canaries).toEqual([])
  })

  test('in doubt is settled by the canaries of that protocol alone', async () => {
    const { probe, prove } = watchtower()
    expect((await prove(DEAF_MX)).smtp).toBe('sees')
    expect(probe.canaries).toEqual(['smtp mx.canary.example'])
  })

  test('is not doubted for a canary whose name could not be resolved', async () => {
    const { probe, prove } = watchtower()
    const nameless = { kind: 'dns-timeout', blame: 'path', detail: 'silence' } as const
    probe.answer = () => ({ outcome: 'failed', at: NOW, tookMs: 1, fault: nameless })
    expect((await prove(DEAF_MX)).smtp).toBe('unproven')
  })

  test('is lost when no canary answers, told, and back when one does', async () => {
    const { clock, probe, prove, lookAround, codes } = watchtower()
    probe.answer = () => SILENCE
    expect(await prove(DEAF_MX)).toEqual({ dns: 'sees', dnssec: 'sees', https: 'sees', smtp: 'blind' })
    expect(codes()).toEqual(['monitor.smtp.blind'])

    const answering = new FakeProbe(clock.now)
    probe.answer = answering.answer
    await lookAround()
    expect(codes()).toEqual(['monitor.smtp.blind'])
    await clock.advance(MINUTE_MS)
    await lookAround()
    expect(codes()).toEqual([])
    expect(probe.canaries).toHaveLength(2)
  })

  test('is not asked after while it is proven', async () => {
    const { clock, probe, prove, lookAround } = watchtower()
    await prove(healthy())
    await clock.advance(5 * MINUTE_MS)
    await lookAround()
    expect(probe.canaries).toEqual([])
  })
})

describe('validation', () => {
  const unvalidated = {
    outcome: 'failed',
    at: NOW,
    tookMs: 1,
    fault: { kind: 'dns-unvalidated', blame: 'local', detail: 'no AD' },
  } as const

  test('is proven by a validated answer of the look, and no signed name is asked', async () => {
    const { probe, prove } = watchtower()
    expect((await prove(healthy())).dnssec).toBe('sees')
    expect(probe.canaries).toEqual([])
  })

  test('is asked of a signed name once, when the domains are not signed', async () => {
    const { clock, probe, proveUnsigned } = watchtower()
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('sees')
    await clock.advance(9 * MINUTE_MS)
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('sees')
    expect(probe.canaries).toEqual(['dnssec signed.canary.example'])
  })

  test('is missing when the signed name comes unvalidated, and is asked for every five minutes', async () => {
    const { clock, probe, proveUnsigned, lookAround } = watchtower()
    probe.answer = () => unvalidated
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('blind')
    await clock.advance(5 * MINUTE_MS - 1)
    await lookAround()
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('blind')
    expect(probe.canaries).toHaveLength(1)
    await clock.advance(1)
    probe.answer = new FakeProbe(clock.now).answer
    await lookAround()
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('sees')
    expect(probe.canaries).toHaveLength(2)
  })

  test('stays unproven when the signed name cannot be had', async () => {
    const { probe, proveUnsigned } = watchtower()
    const silence = { kind: 'dns-timeout', blame: 'path', detail: 'silence' } as const
    probe.answer = () => ({ outcome: 'failed', at: NOW, tookMs: 1, fault: silence })
    expect((await proveUnsigned(UNSIGNED)).dnssec).toBe('unproven')
  })
})

describe('the clock', () => {
  /** Both HTTPS canaries are asked, and say that it is `aheadMs` earlier than we think. */
  async function compared(aheadMs: number | null) {
    const tower = watchtower()
    const { clock, probe, prove } = tower
    probe.answer = () => ({
      outcome: 'seen',
      at: clock.now(),
      tookMs: 1,
      value: aheadMs === null ? null : clock.now() - aheadMs,
    })
    const look = healthy()
    const fetches = look.policyHost.fetches.map((fetch) => ({ ...fetch, tls: failed('connect-timeout') }))
    await prove({ ...look, policyHost: { ...look.policyHost, fetches } })
    return tower
  }

  test.each<[number, readonly string[]]>([
    [0, []],
    [2 * MINUTE_MS, []],
    [2 * MINUTE_MS + 1_000, ['monitor.clock.skewed']],
    [-3 * HOUR_MS, ['monitor.clock.skewed']],
  ])('that is %i ms ahead of what two servers say gives %j', async (aheadMs, codes) => {
    const tower = await compared(aheadMs)
    expect(tower.monitor.clockSkewMs()).toBe(aheadMs)
    expect(tower.codes()).toEqual(codes)
  })

  test('is not judged by servers that tell no time', async () => {
    expect((await compared(null)).monitor.clockSkewMs()).toBeNull()
  })

  test('is not judged by what was told an hour ago', async () => {
    const { clock, monitor } = await compared(3 * HOUR_MS)
    await clock.advance(HOUR_MS)
    expect(monitor.clockSkewMs()).toBeNull()
  })
})

describe('the brake', () => {
  function manyBad(monitor: Monitor, at: number): void {
    for (let index = 0; index < 6; index += 1) {
      monitor.recordCheck({
        domain: domain(`d${index}.example`),
        at,
        newlyBad: ['mx.host.unreachable'],
        hosts: [`mx.d${index}.example`],
        networks: [`192.0.${index}.0/24`],
      })
    }
  }

  const finding = {
    code: 'mx.target.unresolvable',
    domain: EXAMPLE,
    subject: MX1,
    severity: 'critical',
    observedAt: NOW,
    reported: [],
    atRisk: null,
    evidence: { mx: MX1 },
  } as const

  test('holds single incidents while unrelated domains go bad together, and says so', async () => {
    const { clock, monitor, codes, lookAround } = watchtower()
    expect(monitor.holds(finding)).toBe(false)
    manyBad(monitor, clock.now())
    expect(monitor.holds(finding)).toBe(true)
    expect(codes()).toEqual(['monitor.mass-failure'])
    await clock.advance(11 * MINUTE_MS)
    await lookAround()
    expect(monitor.holds(finding)).toBe(false)
    expect(codes()).toEqual([])
  })
})
