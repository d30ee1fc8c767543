import { expect, test } from 'vitest'
import { DAY_MS } from '../../src/lib/time.ts'
import type { Incident, IncidentId } from '../../src/model/incident.ts'
import type { Pruned, Retention, Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import {
  answer,
  commit,
  DOMAIN,
  dismissed,
  failed,
  incident,
  mxHost,
  notification,
  OPEN,
  policyVersion,
  resolved,
  SLACK,
  snapshot,
  T0,
  transition,
} from './store-samples.ts'

const RETENTION: Retention = {
  looksMs: 90 * DAY_MS,
  changesMs: 400 * DAY_MS,
  outboxMs: 30 * DAY_MS,
  jobsMs: 30 * DAY_MS,
  rawMs: 30 * DAY_MS,
  reportsMs: 400 * DAY_MS,
}
const NOTHING: Pruned = {
  looks: 0,
  contents: 0,
  parts: 0,
  changes: 0,
  policyVersions: 0,
  suspicions: 0,
  notifications: 0,
  jobs: 0,
  raws: 0,
  reports: 0,
  mails: 0,
  lookDays: 0,
  probeSessions: 0,
  submissions: 0,
  canaries: 0,
}
const day = (n: number) => T0 + n * DAY_MS
const withHost = (when: number, name: string) =>
  snapshot(when, {
    mx: answer([{ preference: 10, exchange: name }], when),
    hosts: [mxHost(name, when)],
  })

async function sayAndSend(store: Store, ...incidents: readonly Incident[]): Promise<void> {
  for (const one of incidents) {
    await store.commitTransitions([transition('opened', one)], [notification(`about-${one.id}`, one)])
    const claimed = await store.outbox.claim(SLACK, T0, 1_000, null)
    if (claimed !== null) await store.outbox.settle(claimed, { state: 'sent', reference: 'ts', at: T0 })
  }
}

export function pruneContract(open: OpenEmptyStore): void {
  test('a store in which nothing is old loses nothing', async () => {
    await using store = await open()
    await store.commitCheck(commit(snapshot(T0), { policyVersion: policyVersion('1', T0) }))
    await sayAndSend(store, incident('inc_1', OPEN))
    expect(await store.prune(day(1), RETENTION)).toEqual(NOTHING)
  })

  test('ended runs and their contents go after the retention; what is current and its history within stay', async () => {
    await using store = await open()
    for (const taken of [withHost(day(0), 'a.example.com'), withHost(day(50), 'b.example.com')]) {
      await store.commitCheck(commit(taken))
    }
    await store.commitCheck(commit(withHost(day(100), 'c.example.com')))
    const pruned = await store.prune(day(120), RETENTION)
    expect(pruned.looks).toBeGreaterThan(0)
    expect(pruned.contents).toBeGreaterThan(0)
    // Address, TLSA record and session of the host that is gone.
    expect(pruned.parts).toBe(3)
    const hosts = async (n: number) =>
      (await store.snapshots.at(DOMAIN, day(n)))?.hosts.map((host) => [host.name, host.addresses.outcome])
    expect(await hosts(60)).toEqual([['b.example.com', 'seen']])
    expect(await hosts(110)).toEqual([['c.example.com', 'seen']])
  })

  test('the newest answer outlives any number of failures', async () => {
    await using store = await open()
    const failing = (when: number) => snapshot(when, { stsRecord: failed(when) })
    for (const taken of [snapshot(day(0)), failing(day(1)), failing(day(200))]) {
      await store.commitCheck(commit(taken))
    }
    await store.prune(day(200), RETENTION)
    expect((await store.snapshots.latestAnswered(DOMAIN))?.stsRecord).toMatchObject({
      outcome: 'seen',
      at: day(0),
    })
  })

  test('a domain that nobody looked at for the whole retention is forgotten', async () => {
    await using store = await open()
    await store.commitCheck(commit(snapshot(day(0))))
    expect((await store.prune(day(91), RETENTION)).contents).toBeGreaterThan(0)
    expect(await store.snapshots.lookSummary(DOMAIN)).toBeNull()
    await store.commitCheck(commit(snapshot(day(92))))
    expect(await store.snapshots.latest(DOMAIN)).toEqual(snapshot(day(92)))
  })

  test('what was said of a live incident is kept however old it is; of an ended one for a while', async () => {
    await using store = await open()
    await sayAndSend(
      store,
      incident('old-open', OPEN),
      incident('old-flapping', resolved(T0), { flappingSince: T0 }),
      incident('ended', resolved(T0)),
      incident('ended-lately', resolved(day(390))),
      incident('suspicion', dismissed(T0)),
      incident('relapse', OPEN),
    )
    await store.commitTransitions([transition('dismissed', incident('relapse', dismissed(T0)))], [])
    const pruned = await store.prune(day(400), RETENTION)
    expect(pruned).toEqual({ ...NOTHING, notifications: 3, suspicions: 1 })
    const said = async (id: string) => (await store.outbox.ofIncident(id as IncidentId)).length
    expect([await said('old-open'), await said('old-flapping'), await said('ended-lately')]).toEqual([
      1, 1, 1,
    ])
    expect([await said('ended'), await said('suspicion')]).toEqual([0, 0])
    expect((await store.incidents.recent(10)).map((one) => one.id).sort()).toEqual([
      'ended',
      'ended-lately',
      'old-flapping',
      'old-open',
      'relapse',
    ])
  })

  test('unsent rows are never forgotten', async () => {
    await using store = await open()
    const old = incident('inc_1', resolved(T0))
    await store.commitTransitions([transition('resolved', old)], [notification('n1', old)])
    expect(await store.prune(day(4_000), RETENTION)).toEqual(NOTHING)
    expect(await store.outbox.pending(10)).toHaveLength(1)
  })

  test('old changes and policy versions past their horizon go; the version seen last stays', async () => {
    await using store = await open()
    const change = {
      domain: DOMAIN,
      part: 'mx',
      subject: null,
      summary: '',
      removed: [],
      added: [],
      notable: false,
      settles: null,
    } as const
    for (const [n, id] of [
      [0, '1'],
      [1, '2'],
      [300, '3'],
    ] as const) {
      await store.commitCheck(
        commit(snapshot(day(n)), {
          changes: [{ ...change, at: day(n) }],
          policyVersion: policyVersion(id, day(n)),
        }),
      )
    }
    expect(await store.prune(day(401), RETENTION)).toMatchObject({ changes: 1, policyVersions: 2 })
    expect((await store.snapshots.policyVersions(DOMAIN)).map((version) => version.recordId)).toEqual(['3'])
    expect((await store.snapshots.changes(DOMAIN, 0, 10)).map((one) => one.at)).toEqual([day(1), day(300)])
    expect(await store.prune(day(4_000), RETENTION)).toMatchObject({ policyVersions: 0 })
  })
}
