import { describe, expect, it } from 'vitest'
import { rungOf } from '../../../src/check/certificate.ts'
import { judge } from '../../../src/check/judge.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import {
  certificate,
  context,
  established,
  failed,
  fetchAt,
  healthy,
  ip,
  MX1,
  mxHost,
  NO_SECOND_SESSION,
  NOW,
  sessionAt,
  tls,
  watched,
  withFetches,
  withMx1,
} from './snapshot-builder.ts'

const RUNGS = [21, 7, 3, 1]

describe('rungs', () => {
  it.each([
    [90, 31, null],
    [90, 21.5, null],
    [90, 21, 21],
    [90, 10, 21],
    [90, 7, 7],
    [90, 2.5, 3],
    [90, 0.5, 1],
    // Not before the last quarter of its own life: it is renewed with a third left.
    [6, 2, null],
    [6, 1.5, 3],
    [45, 15, null],
    [45, 11, 21],
  ])('of a certificate for %d days with %d days left: %s', (life, left, rung) => {
    const notAfterAt = NOW + left * DAY_MS
    const one = certificate(MX1, { notAfterAt, notBeforeAt: notAfterAt - life * DAY_MS })
    expect(rungOf(one, RUNGS, NOW)).toBe(rung)
  })
})

function codesAt(snapshot: Snapshot, before: Snapshot | null = null) {
  const { findings, undecided } = judge(snapshot, watched(), context({ before }))
  return {
    found: findings.map(({ severity, code }) => `${severity} ${code}`),
    open: undecided.map(({ code }) => code),
    evidence: findings[0]?.evidence,
  }
}

const BAD = established(tls(MX1, { notAfterAt: NOW - DAY_MS }, 'CERT_HAS_EXPIRED'))
const GOOD = established(tls(MX1))

describe('several addresses', () => {
  it('lower the severity while another one is good', () => {
    const { found, evidence } = codesAt(
      withMx1(mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', BAD), sessionAt('192.0.2.26', GOOD)] })),
    )
    expect(found).toContain('warning mx.certificate.expired')
    expect(evidence).toMatchObject({ addresses: ['192.0.2.25'], of: 2 })
  })

  it('may present an older certificate for a day after a renewal', () => {
    const renewed = (since: number) =>
      established(tls(MX1, { sha256: 'another', notBeforeAt: NOW - since, notAfterAt: NOW + 90 * DAY_MS }))
    const found = (since: number) => {
      const sessions = [sessionAt('192.0.2.25', GOOD), sessionAt('192.0.2.26', renewed(since))]
      return codesAt(withMx1(mxHost(MX1, [], { sessions }))).found
    }
    expect(found(DAY_MS - 1)).toEqual([])
    expect(found(DAY_MS)).toEqual(['info mx.certificate.differs-by-address'])
  })

  const silent = { address: ip('192.0.2.26'), smtp: failed('connect-timeout'), dane: NO_SECOND_SESSION }
  const half = withMx1(mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', GOOD), silent] }))

  it('leave certificates open while one of them is newly out of reach', () => {
    expect(codesAt(half, healthy()).open).toContain('mx.certificate.expired')
  })

  it('no longer wait for one that has been out of reach for a day', () => {
    const lastAnswer = (at: number) => {
      const answered = sessionAt('192.0.2.26', BAD)
      const sessions = [sessionAt('192.0.2.25', GOOD), { ...answered, smtp: { ...answered.smtp, at } }]
      return codesAt(half, withMx1(mxHost(MX1, [], { sessions }))).open
    }
    expect(lastAnswer(NOW - DAY_MS + 1)).toContain('mx.certificate.expired')
    expect(lastAnswer(NOW - DAY_MS)).not.toContain('mx.certificate.expired')
  })

  it('never wait for one that never answered', () => {
    expect(codesAt(half, half).open).not.toContain('mx.certificate.expired')
    expect(codesAt(half, half).found).toEqual(['info mx.host.unreachable'])
  })

  it('never wait for those that are too many to be looked at', () => {
    const skipped = { outcome: 'skipped', because: 'only the first 8 are looked at' } as const
    const host = mxHost(MX1, [], {
      sessions: [
        sessionAt('192.0.2.25', GOOD),
        { address: ip('192.0.2.26'), smtp: skipped, dane: NO_SECOND_SESSION },
      ],
    })
    const policy = withFetches(fetchAt('192.0.2.80'), {
      address: ip('192.0.2.81'),
      tls: skipped,
      response: skipped,
    })
    expect(codesAt({ ...withMx1(host), policyHost: policy.policyHost })).toMatchObject({
      found: [],
      open: [],
    })
  })

  it('never wait for an address family that this machine does not have', () => {
    const unrouted = { address: ip('2001:db8::25'), smtp: failed('no-route'), dane: NO_SECOND_SESSION }
    const host = mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', GOOD), unrouted] })
    expect(codesAt(withMx1(host))).toMatchObject({ found: [], open: [] })
  })

  it('are all unknown when no address has a route', () => {
    const unrouted = { address: ip('2001:db8::25'), smtp: failed('no-route'), dane: NO_SECOND_SESSION }
    const { found, open } = codesAt(withMx1(mxHost(MX1, [], { sessions: [unrouted] })))
    expect(found).toEqual([])
    expect(open).toEqual(
      expect.arrayContaining(['mx.host.unreachable', 'mx.certificate.expired', 'mx.starttls.missing']),
    )
  })
})

describe('one cause', () => {
  it('leaves open what may hide behind it', () => {
    const { found, open } = codesAt(withMx1(mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', BAD)] })))
    expect(found).toEqual(['critical mx.certificate.expired'])
    expect(open).toEqual(
      expect.arrayContaining([
        'mx.certificate.untrusted',
        'mx.certificate.missing-intermediate',
        'mx.certificate.expiring',
      ]),
    )
  })

  it('is dated by the session, not by the look: a kept look confirms nothing twice', () => {
    const session = sessionAt('192.0.2.25', BAD)
    const earlier = { ...session, smtp: { ...session.smtp, at: NOW - 5_000 } }
    const { findings } = judge(withMx1(mxHost(MX1, [], { sessions: [earlier] })), watched(), context())
    expect(findings[0]?.observedAt).toBe(NOW - 5_000)
  })
})
