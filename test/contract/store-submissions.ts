import { expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../src/lib/time.ts'
import type { ProbeSession } from '../../src/model/probe-session.ts'
import type { Submission, SubmissionId } from '../../src/model/submission.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, commit, DOMAIN, snapshot, T0 } from './store-samples.ts'

const LEASE_MS = 10 * MINUTE_MS
const DAY_AT = T0 - (T0 % DAY_MS) - DAY_MS
const LIMITS = { mostPerUri: 2 }
const RUA = 'mailto:reports@example.com'

function submission(id: string, replaced: Partial<Submission> = {}): Submission {
  return {
    id: `sub_${id}` as SubmissionId,
    domain: DOMAIN,
    dayAt: DAY_AT,
    rua: RUA,
    reportId: `${id}@monitor.example`,
    report: '{}',
    createdAt: at(0),
    notBefore: at(10),
    ...replaced,
  }
}

function session(resultType: 'certificate-expired' | null): ProbeSession {
  const failure = {
    sendingMtaIp: null,
    receivingMxHostname: 'mx1.example.com',
    receivingIp: '192.0.2.1',
    reasonCode: null,
  }
  return {
    policy: { policyType: 'sts', policyString: ['version: STSv1'], policyDomain: DOMAIN, mxHostPatterns: [] },
    failures: resultType === null ? [] : [{ ...failure, resultType }],
  }
}

const states = async (store: Store) =>
  (await store.submissions.recent(DOMAIN, 10)).map(({ id, state, attempts }) => `${id} ${state} ${attempts}`)

export function submissionContract(open: OpenEmptyStore): void {
  test('equal sessions of a UTC day are one line with a count, each day its own', async () => {
    await using store = await open()
    const sessions = [session(null), session('certificate-expired')]
    await store.commitCheck(commit(snapshot(at(0)), { sessions }))
    await store.commitCheck(commit(snapshot(at(15)), { sessions: [session(null)] }))
    await store.commitCheck(commit(snapshot(at(0) + DAY_MS), { sessions }))
    const today = await store.submissions.sessionsOf(DOMAIN, DAY_AT + DAY_MS)
    expect(today).toHaveLength(2)
    expect(today).toContainEqual({ ...session(null), sessions: 2 })
    expect(today).toContainEqual({ ...session('certificate-expired'), sessions: 1 })
    expect(await store.submissions.sessionsOf(DOMAIN, DAY_AT + 2 * DAY_MS)).toHaveLength(2)
    expect(await store.submissions.sessionsOf('b.example' as DomainName, DAY_AT + DAY_MS)).toEqual([])
  })

  test('one report a domain, day and URI, whoever queues it again', async () => {
    await using store = await open()
    const once = [submission('a'), submission('b', { rua: 'https://reports.example/' })]
    expect(await store.submissions.queue(once, LIMITS)).toBe(2)
    expect(await store.submissions.queue([submission('other'), ...once], LIMITS)).toBe(0)
    expect(await store.submissions.queue([submission('c', { dayAt: DAY_AT - DAY_MS })], LIMITS)).toBe(1)
  })

  test('what goes to one URI beyond the limit of a day is kept and not sent', async () => {
    await using store = await open()
    const many = ['a', 'b', 'c'].map((id) => submission(id, { domain: `${id}.example` as DomainName }))
    await store.submissions.queue(many, LIMITS)
    const [last] = await store.submissions.recent('c.example' as DomainName, 1)
    expect(last).toMatchObject({ state: 'left-out', note: '2 reports of this day go there already' })
    const [first] = await store.submissions.recent('a.example' as DomainName, 1)
    expect(first?.state).toBe('waiting')
  })

  test('one address is counted as one, whatever its case, and is written to as it was published', async () => {
    await using store = await open()
    const many = ['A@x.example', 'a@x.example', 'a@X.example'].map((address, n) =>
      submission(`${n}`, { domain: `${n}.example` as DomainName, rua: `mailto:${address}` }),
    )
    await store.submissions.queue(many, LIMITS)
    const [last] = await store.submissions.recent('2.example' as DomainName, 1)
    expect(last?.state).toBe('left-out')
    expect((await store.submissions.claim(at(10), LEASE_MS))?.rua).toBe('mailto:A@x.example')
  })

  test('it is claimed when it is due, once, and again when the lease ran out', async () => {
    await using store = await open()
    await store.submissions.queue([submission('a')], LIMITS)
    expect(await store.submissions.nextDueAt()).toBe(at(10))
    expect(await store.submissions.claim(at(10) - 1, LEASE_MS)).toBeNull()
    const claim = await store.submissions.claim(at(10), LEASE_MS)
    expect(claim).toMatchObject({
      id: 'sub_a',
      attempt: 1,
      firstTriedAt: null,
      reportId: 'a@monitor.example',
    })
    expect(await store.submissions.claim(at(11), LEASE_MS)).toBeNull()
    const again = await store.submissions.claim(at(20), LEASE_MS)
    expect(again).toMatchObject({ id: 'sub_a', attempt: 2, firstTriedAt: at(10) })
    if (claim === null || again === null) throw new Error('not claimed')
    await store.submissions.settle(claim, { kind: 'sent', at: at(21), note: 'the lost lease' })
    expect(await states(store)).toEqual(['sub_a leased 2'])
    await store.submissions.settle(again, { kind: 'sent', at: at(22), note: '250 ok' })
    expect(await states(store)).toEqual(['sub_a sent 2'])
    expect(await store.submissions.nextDueAt()).toBeNull()
  })

  test('one can be claimed before its time, unless somebody is at it', async () => {
    await using store = await open()
    await store.submissions.queue([submission('a')], LIMITS)
    const id = 'sub_a' as SubmissionId
    const claim = await store.submissions.claimThis(id, at(1), LEASE_MS)
    expect(claim?.attempt).toBe(1)
    expect(await store.submissions.claimThis(id, at(2), LEASE_MS)).toBeNull()
    if (claim !== null) await store.submissions.settle(claim, { kind: 'sent', at: at(3), note: '' })
    expect(await store.submissions.claimThis(id, at(30), LEASE_MS)).toBeNull()
  })

  test('what a dead process had at hand is due again at once', async () => {
    await using store = await open()
    await store.submissions.queue([submission('a')], LIMITS)
    await store.submissions.claim(at(10), LEASE_MS)
    expect(await store.submissions.recover(at(11))).toBe(1)
    expect((await store.submissions.claim(at(11), LEASE_MS))?.attempt).toBe(2)
  })

  test('a retry waits for its time', async () => {
    await using store = await open()
    await store.submissions.queue([submission('a')], LIMITS)
    const claim = await store.submissions.claim(at(10), LEASE_MS)
    if (claim !== null)
      await store.submissions.settle(claim, { kind: 'again', notBefore: at(40), note: '450 later' })
    expect(await store.submissions.nextDueAt()).toBe(at(40))
    expect((await store.submissions.recent(DOMAIN, 1))[0]).toMatchObject({
      state: 'waiting',
      note: '450 later',
      dueAt: at(40),
    })
    const again = await store.submissions.claim(at(40), LEASE_MS)
    if (again !== null) await store.submissions.settle(again, { kind: 'sent', at: at(40), note: '250' })
    expect((await store.submissions.recent(DOMAIN, 1))[0]).toMatchObject({ state: 'sent', dueAt: null })
  })

  test('three refusals in a row and a URI is left alone for its time; a report that is taken clears them', async () => {
    await using store = await open()
    const refuse = async (n: number) => {
      const dayAt = DAY_AT + n * DAY_MS
      const when = dayAt + DAY_MS
      await store.submissions.queue(
        [submission(`r${n}`, { dayAt, createdAt: when, notBefore: when })],
        LIMITS,
      )
      const claim = await store.submissions.claim(when, LEASE_MS)
      if (claim === null) return 'left-out'
      const refused = { suppressUntil: when + 30 * DAY_MS }
      await store.submissions.settle(claim, { kind: 'given-up', at: when, note: '550 no', refused })
      return 'refused'
    }
    expect([await refuse(0), await refuse(1)]).toEqual(['refused', 'refused'])
    const dayAt = DAY_AT + 2 * DAY_MS
    await store.submissions.queue([submission('good', { dayAt, createdAt: dayAt, notBefore: dayAt })], LIMITS)
    const good = await store.submissions.claim(dayAt, LEASE_MS)
    if (good !== null) await store.submissions.settle(good, { kind: 'sent', at: dayAt, note: '' })
    const outcomes: string[] = []
    for (const n of [3, 4, 5, 6, 34, 35, 36]) outcomes.push(await refuse(n))
    expect(outcomes).toEqual(['refused', 'refused', 'refused', 'left-out', 'left-out', 'refused', 'refused'])
  })

  test('what is over is forgotten after its time, what waits is not', async () => {
    await using store = await open()
    await store.commitCheck(commit(snapshot(at(0)), { sessions: [session(null)] }))
    await store.submissions.queue([submission('a'), submission('b', { rua: 'mailto:b@example.com' })], LIMITS)
    const claim = await store.submissions.claim(at(10), LEASE_MS)
    if (claim !== null) await store.submissions.settle(claim, { kind: 'sent', at: at(10), note: '' })
    const retention = { looksMs: DAY_MS, changesMs: DAY_MS, outboxMs: DAY_MS, jobsMs: DAY_MS, rawMs: DAY_MS }
    const pruned = await store.prune(at(0) + 3 * DAY_MS, { ...retention, reportsMs: DAY_MS })
    expect(pruned).toMatchObject({ probeSessions: 1, submissions: 1 })
    expect(await states(store)).toEqual(['sub_b waiting 0'])
  })

  test('a summary counts the reports about its days by what became of them', async () => {
    await using store = await open()
    const of = (id: string, replaced: Partial<Submission> = {}) =>
      submission(id, { domain: `${id}.example` as DomainName, rua: `mailto:${id}@example.com`, ...replaced })
    const many = [of('a'), of('b'), of('c'), of('d'), of('later', { dayAt: DAY_AT + DAY_MS })]
    await store.submissions.queue([...many, of('e', { rua: 'mailto:a@example.com' })], { mostPerUri: 1 })
    const outcomes = [
      { kind: 'sent', at: at(10), note: '250' },
      { kind: 'given-up', at: at(10), note: '550', refused: null },
    ] as const
    for (const outcome of outcomes) {
      const claim = await store.submissions.claim(at(10), LEASE_MS)
      if (claim !== null) await store.submissions.settle(claim, outcome)
    }
    await store.submissions.claim(at(10), LEASE_MS)
    const counted = await store.view(({ summaries }) => summaries.ownReports(DAY_AT, DAY_AT + DAY_MS))
    expect(counted).toEqual({ sent: 1, waiting: 2, givenUp: 1, leftOut: 1 })
  })
}
