import { expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { Change } from '../../src/model/change.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { Store } from '../../src/store/store.ts'
import type { SummaryStore } from '../../src/store/summary-store.ts'
import type { OpenEmptyStore } from './store.ts'
import {
  answer,
  at,
  commit,
  DOMAIN,
  dismissed,
  incident,
  mxHost,
  notification,
  OPEN,
  policyVersion,
  resolved,
  SLACK,
  SUSPECTED,
  session,
  snapshot,
  T0,
  tls,
  transition,
} from './store-samples.ts'

const OTHER = 'example.net' as DomainName
/** Midnight UTC of the first look's day. */
const DAY = T0 - (T0 % DAY_MS)

function asked<T>(store: Store, ask: (summaries: SummaryStore) => Promise<T>): Promise<T> {
  return store.view(({ summaries }) => ask(summaries))
}

function ending(serial: string, notAfterAt: UnixMs) {
  const facts = tls(serial)
  const [leaf] = facts.chain
  if (leaf === undefined) throw new Error('no leaf')
  return { ...facts, chain: [{ ...leaf, notAfterAt }] }
}

export function summaryContract(open: OpenEmptyStore): void {
  test('of several addresses the certificate that ends first; what ended looks saw is over', async () => {
    await using store = await open()
    const early = {
      ...mxHost('mx1.example.com', at(0)),
      sessions: [session('192.0.2.25', at(0), ending('a', at(1)))],
    }
    await store.commitCheck(commit(snapshot(at(0), { hosts: [early] })))
    const both = [
      session('192.0.2.25', at(10), ending('b', T0 + 40 * DAY_MS)),
      session('192.0.2.26', at(10), ending('c', T0 + 20 * DAY_MS)),
    ]
    const hosts = [
      { ...mxHost('mx1.example.com', at(10)), sessions: both, tlsa: answer(['3 1 1 00'], at(10)) },
    ]
    await store.commitCheck(commit(snapshot(at(10), { hosts })))
    await store.commitCheck(commit(snapshot(at(10), { domain: OTHER, hosts: [] })))
    const found = await asked(store, (summaries) => Array.fromAsync(summaries.certificates()))
    const notBeforeAt = T0 - 30 * DAY_MS
    expect(found.toSorted((a, b) => a.notAfterAt - b.notAfterAt)).toEqual([
      {
        domain: DOMAIN,
        host: 'mx1.example.com',
        role: 'mx',
        notBeforeAt,
        notAfterAt: T0 + 20 * DAY_MS,
        hasTlsa: true,
      },
      ...[DOMAIN, OTHER].map((domain) => ({
        domain,
        host: `mta-sts.${domain}`,
        role: 'policy-host',
        notBeforeAt,
        notAfterAt: T0 + 60 * DAY_MS,
        hasTlsa: false,
      })),
    ])
  })

  test('certificates of more domains than a page', async () => {
    await using store = await open()
    for (let n = 0; n < 401; n += 1) {
      await store.commitCheck(commit(snapshot(at(0), { domain: `d${n}.example` as DomainName })))
    }
    const found = await asked(store, (summaries) => Array.fromAsync(summaries.certificates()))
    expect(new Set(found.map(({ domain }) => domain)).size).toBe(401)
    expect(found).toHaveLength(802)
  })

  test('looks by UTC day, with those that left something open', async () => {
    await using store = await open()
    for (const [minutes, isUndecided] of [
      [0, false],
      [10, true],
      [12 * 60 - 1, true],
      [12 * 60, false],
    ] as const) {
      await store.commitCheck(commit(snapshot(at(minutes)), { isUndecided }))
    }
    await store.commitCheck(commit(snapshot(at(5), { domain: OTHER })))
    const looks = (first: UnixMs, end: UnixMs) => asked(store, (summaries) => summaries.looks(first, end))
    const lastLookAt = at(12 * 60)
    expect(await looks(DAY, DAY + DAY_MS)).toEqual([
      { domain: DOMAIN, looks: 3, undecided: 2, lastLookAt },
      { domain: OTHER, looks: 1, undecided: 0, lastLookAt: at(5) },
    ])
    expect(await looks(DAY + DAY_MS, DAY + 2 * DAY_MS)).toEqual([
      { domain: DOMAIN, looks: 1, undecided: 0, lastLookAt },
      { domain: OTHER, looks: 0, undecided: 0, lastLookAt: at(5) },
    ])
  })

  test('incidents that last, and those that ended since; suspicions are nobody’s business', async () => {
    await using store = await open()
    const all = [
      incident('open', OPEN),
      incident('ended-before', resolved(at(9))),
      incident('ended-at', resolved(at(10))),
      incident('suspected', SUSPECTED),
      incident('dismissed', dismissed(at(20))),
      incident('own', OPEN, { domain: null }),
    ]
    await store.commitTransitions(
      all.map((one) => transition('opened', one)),
      [],
    )
    const found = await asked(store, (summaries) => Array.fromAsync(summaries.incidents(at(10))))
    expect(found.map(({ id }) => id)).toEqual(['open', 'ended-at', 'own'])
  })

  test('changes of the time, of all domains, in more than a page', async () => {
    await using store = await open()
    const change = (minutes: number): Change => ({
      domain: DOMAIN,
      at: at(minutes),
      part: 'mx',
      subject: null,
      summary: `change ${minutes}`,
      removed: [],
      added: [],
      notable: true,
      settles: null,
    })
    const minutes = Array.from({ length: 1_203 }, (_, n) => Math.floor(n / 2))
    await store.commitCheck(commit(snapshot(at(0)), { changes: minutes.map(change) }))
    const found = await asked(store, (summaries) => Array.fromAsync(summaries.changes(at(1), at(601))))
    expect(found.map(({ at: when }) => when)).toEqual(minutes.filter((n) => n >= 1 && n < 601).map(at))
  })

  test('the newest policy of each domain', async () => {
    await using store = await open()
    for (const [minutes, mode] of [
      [0, 'enforce'],
      [30, 'testing'],
    ] as const) {
      const version = { ...policyVersion(`${minutes}`, at(minutes)), mode }
      await store.commitCheck(commit(snapshot(at(minutes)), { policyVersion: version }))
    }
    expect(await asked(store, (summaries) => summaries.policies())).toEqual([
      { domain: DOMAIN, mode: 'testing', horizonAt: at(30) + 7 * DAY_MS },
    ])
  })

  test('a gap of more than five minutes between signs of life is a time of not running', async () => {
    await using store = await open()
    for (const when of [0, 1, 6, 11.1, 12, 60, 30, 31]) await store.noteAlive(at(when))
    const times = (from: number, to: number) =>
      asked(store, (summaries) => summaries.downtimes(at(from), at(to)))
    expect(await times(-10, 100)).toEqual([
      { fromAt: at(6), untilAt: at(11.1) },
      { fromAt: at(12), untilAt: at(60) },
    ])
    expect(await times(11.1, 12)).toEqual([])
    expect(await times(59, 61)).toHaveLength(1)
  })

  test('messages that were given up, and those that are still tried', async () => {
    await using store = await open()
    const about = incident('one', OPEN)
    await store.commitTransitions(
      [transition('opened', about)],
      ['a', 'b', 'c'].map((id) => notification(id, about, { thread: `thread-${id}` as typeof about.thread })),
    )
    const given = await store.outbox.claim(SLACK, at(1), MINUTE_MS, null)
    const tried = await store.outbox.claim(SLACK, at(1), MINUTE_MS, null)
    if (given === null || tried === null) throw new Error('nothing to claim')
    await store.outbox.settle(given, { state: 'dead', error: 'gone', fallback: [] })
    await store.outbox.settle(tried, { state: 'pending', notBefore: at(30), error: 'later' })
    expect(await asked(store, (summaries) => summaries.undelivered(at(0)))).toEqual({
      givenUp: 1,
      waiting: 1,
    })
    expect(await asked(store, (summaries) => summaries.undelivered(at(60)))).toEqual({
      givenUp: 0,
      waiting: 1,
    })
  })

  test('look days and downtimes are forgotten with what they are about', async () => {
    await using store = await open()
    await store.noteAlive(at(0))
    await store.noteAlive(at(10))
    await store.commitCheck(commit(snapshot(at(0))))
    await store.commitCheck(commit(snapshot(at(0) + 3 * DAY_MS)))
    const week = 7 * DAY_MS
    const retention = {
      looksMs: DAY_MS,
      changesMs: DAY_MS,
      outboxMs: week,
      jobsMs: week,
      rawMs: week,
      reportsMs: week,
    }
    expect(await store.prune(at(0) + 3 * DAY_MS, retention)).toMatchObject({ lookDays: 1 })
    expect(await asked(store, (summaries) => summaries.downtimes(at(-10), at(100)))).toEqual([])
    expect(await asked(store, (summaries) => summaries.looks(DAY, DAY + week))).toMatchObject([{ looks: 1 }])
  })
}
