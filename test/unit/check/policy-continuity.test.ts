import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { policyVersionOf } from '../../../src/check/policy-version.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { PolicyVersion } from '../../../src/model/policy-version.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { fetches, version } from './broken.ts'
import {
  absent,
  answer,
  context,
  failed,
  fetchAt,
  healthy,
  MX1,
  MX2,
  NOW,
  policyBody,
  response,
  serving,
  watched,
  withFetches,
} from './snapshot-builder.ts'

const MAX_AGE_MS = 1_209_600 * SECOND_MS

function history(snapshot: Snapshot, versions: readonly PolicyVersion[], now = NOW) {
  const { findings } = judge(snapshot, watched(), context({ versions, now }))
  return findings.filter(({ code }) => /changed|weakened/.test(code))
}

describe('changed without a new id', () => {
  const old = version(policyBody({ mx: [MX1] }))

  it('says what, when, until when, who is refused, and the id to publish', () => {
    expect(history(healthy(), [old])[0]?.evidence).toEqual({
      recordId: '20261101T000000Z',
      before: old.body,
      after: policyBody(),
      changedAt: NOW,
      cachedUntil: old.horizonAt,
      recordSettlesAt: NOW + 600 * SECOND_MS,
      suggestedId: '20261123T140500Z',
      refused: [MX2],
    })
  })

  it('holds while the old text may be held, and not a moment longer', () => {
    const codes = (now: number) => history(healthy(), [old], now).map((one) => one.code)
    expect(codes(old.horizonAt - 1)).toEqual(['mta-sts.policy.changed-without-id'])
    expect(codes(old.horizonAt)).toEqual([])
  })

  it('may be what a cache still says for twice the TTL, two hours at most', () => {
    const settles = (ttlSeconds: number) => {
      const { value, ...seen } = answer(['v=STSv1; id=20261101T000000Z'])
      const stsRecord = { ...seen, value: { ...value, ttlSeconds } }
      return history(healthy({ stsRecord }), [old])[0]?.evidence
    }
    expect(settles(60)).toMatchObject({ recordSettlesAt: NOW + 120 * SECOND_MS })
    expect(settles(86_400)).toMatchObject({ recordSettlesAt: NOW + 2 * HOUR_MS })
  })

  it('is no news of an old id that a cache still gives beside the new text', () => {
    const first = version(policyBody({ maxAge: 604_800 }), { lastSeenAt: NOW - HOUR_MS })
    const second = version(policyBody(), { recordId: 'new', firstSeenAt: NOW - HOUR_MS, lastSeenAt: NOW - 1 })
    const codes = history(serving(policyBody()), [second, first]).map((one) => one.code)
    expect(codes).toEqual(['mta-sts.policy.changed-without-id'])
  })

  it('ends with a new id', () => {
    const renewed = healthy({ stsRecord: answer(['v=STSv1; id=new']) })
    expect(history(renewed, [old]).map((one) => one.code)).toEqual([])
  })

  it('is not said of line ends and order', () => {
    const reordered = policyBody({ mx: [MX2, MX1] }).replaceAll('\r\n', '\n')
    expect(history(healthy(), [version(reordered)])).toEqual([])
  })

  it('is said of a text that was put back, since others hold the one between', () => {
    const back = version(policyBody(), { lastSeenAt: NOW - 2 * DAY_MS })
    const between = version(policyBody({ mode: 'testing' }), { lastSeenAt: NOW - HOUR_MS })
    const [finding] = history(healthy(), [between, back])
    expect(finding).toMatchObject({
      code: 'mta-sts.policy.changed-without-id',
      evidence: { changedAt: NOW - HOUR_MS },
    })
  })
})

describe('an id that changed alone', () => {
  const current = version(policyBody(), { firstSeenAt: NOW, lastSeenAt: NOW })
  const before = version(policyBody(), { recordId: 'older', lastSeenAt: NOW - HOUR_MS })
  it.each([
    ['within a day', DAY_MS - 1, 1],
    ['no longer', DAY_MS, 0],
  ])('is told %s', (_, after, count) => {
    expect(history(healthy(), [current, before], NOW + after)).toHaveLength(count)
  })
})

describe('a new id for a text that had changed without one', () => {
  it('is what was asked for, and told as nothing', () => {
    const old = version(policyBody({ mx: [MX1] }), { lastSeenAt: NOW - 2 * HOUR_MS })
    const edited = version(policyBody(), { firstSeenAt: NOW - HOUR_MS, lastSeenAt: NOW - 60_000 })
    expect(history(healthy(), [edited, old])).toHaveLength(1)
    expect(history(healthy({ stsRecord: answer(['v=STSv1; id=new']) }), [edited, old])).toEqual([])
  })
})

describe('weakened', () => {
  const weak = policyBody({ mode: 'none', maxAge: 86_400 })
  const current = version(weak, { recordId: 'new', firstSeenAt: NOW, lastSeenAt: NOW })
  const served = serving(weak, { stsRecord: answer(['v=STSv1; id=new']) })

  it.each([
    ['a policy that is held for two weeks, for seven days', version(policyBody()), 7 * DAY_MS],
    [
      'a policy that is held for three days, for as long',
      version(policyBody({ maxAge: 345_600 })),
      3 * DAY_MS,
    ],
  ])('is told of %s', (_, before, lasts) => {
    const codes = (now: number) => history(served, [current, before], now).map((one) => one.subject)
    expect(codes(NOW + lasts - 1)).toEqual(['mode'])
    expect(codes(NOW + lasts)).toEqual([])
  })

  it('is not told of a policy that nobody held any more', () => {
    const forgotten = version(policyBody(), { lastSeenAt: NOW - MAX_AGE_MS - DAY_MS })
    expect(history(served, [current, forgotten])).toEqual([])
  })

  it('is not told twice where the expected mode says it already', () => {
    const testing = serving(policyBody({ mode: 'testing' }), { stsRecord: answer(['v=STSv1; id=new']) })
    const { findings } = judge(
      testing,
      watched({ expect: 'enforce' }),
      context({ versions: [version(policyBody())] }),
    )
    expect(findings.map((one) => one.code)).toEqual(['mta-sts.policy.mode-weaker'])
  })

  it('is not told of an added host, nor of a text that became stronger', () => {
    const earlier = version(policyBody({ mode: 'testing', mx: [MX1] }), { recordId: 'older' })
    expect(history(healthy(), [earlier])).toEqual([])
  })
})

describe('the ledger line', () => {
  it('is opened at the first sight of a policy', () => {
    expect(policyVersionOf(healthy(), [])).toMatchObject({
      recordId: '20261101T000000Z',
      mode: 'enforce',
      mxPatterns: [MX1, MX2],
      firstSeenAt: NOW,
      lastSeenAt: NOW,
      horizonAt: NOW + MAX_AGE_MS,
    })
  })

  it('is extended by another look at the same', () => {
    const known = version(policyBody())
    expect(policyVersionOf(healthy(), [known])).toEqual({
      ...known,
      lastSeenAt: NOW,
      horizonAt: NOW + MAX_AGE_MS,
    })
  })

  it('is another one under another id', () => {
    const known = version(policyBody(), { recordId: 'older' })
    expect(policyVersionOf(healthy(), [known])?.firstSeenAt).toBe(NOW)
  })

  it('counts no max_age above the maximum', () => {
    const line = policyVersionOf(serving(policyBody({ maxAge: 99_999_999 })), [])
    expect(line?.horizonAt).toBe(NOW + 31_557_600 * SECOND_MS)
  })

  it('keeps its id when the record cannot be seen', () => {
    const line = policyVersionOf(healthy({ stsRecord: failed('dns-timeout') }), [version(policyBody())])
    expect(line?.recordId).toBe('20261101T000000Z')
  })

  it.each([
    ['no policy is served', fetches({ response: response({ status: 404 }) })],
    ['the policy is invalid', serving('version: STSv1')],
    [
      'addresses disagree',
      withFetches(
        fetchAt('192.0.2.80'),
        fetchAt('192.0.2.81', { response: response({ body: policyBody({ mode: 'none' }) }) }),
      ),
    ],
    ['nobody can have found it', healthy({ stsRecord: absent() })],
  ])('is none when %s', (_, snapshot) => {
    expect(policyVersionOf(snapshot, [])).toBeNull()
  })
})
