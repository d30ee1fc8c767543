import { expect, test } from 'vitest'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { NewReport, ReportFilter } from '../../src/store/report-store.ts'
import type { Store } from '../../src/store/store.ts'
import {
  asKept,
  claimedBy,
  day,
  GOOGLE,
  mail,
  newReport,
  policy,
  signedBy,
  tlsReport,
} from './report-samples.ts'
import type { OpenEmptyStore } from './store.ts'
import { DOMAIN } from './store-samples.ts'

const ALL: ReportFilter = {
  domain: null,
  sender: null,
  standing: null,
  sinceDayAt: null,
  failuresOnly: false,
}
const OTHER = 'other.example' as DomainName

const classesOf = async (store: Store, ...mails: Parameters<Store['reports']['commitMails']>[0]) =>
  (await store.reports.commitMails(mails)).map(({ mailClass }) => mailClass)

const standings = async (store: Store) =>
  new Map((await store.reports.list(ALL, 1_000)).map(({ id, standing }) => [id, standing]))

const sessions = async (store: Store, domain = DOMAIN) =>
  (await store.reports.policiesOf(domain, 0)).map((one) => one.policy.successfulSessions)

const inReport = (n: number, successfulSessions: number) =>
  tlsReport(n, { policies: [policy({ successfulSessions })] })

async function everything<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function reportContract(open: OpenEmptyStore): void {
  test('a report comes back as it was given, by id, by a beginning of it and in lists', async () => {
    await using store = await open()
    const policies = [
      policy({ successfulSessions: 2 ** 53, failureDetails: [] }),
      policy({ policyType: 'tlsa', policyDomain: 'mx1.example.com' as DomainName, failedSessions: 3 }),
    ]
    const given = newReport(tlsReport(0, { policies }), signedBy(GOOGLE), {
      otherPolicies: 4,
      deviations: [{ code: 'date-no-zone', where: 'date-range', found: '2026', times: 2 }],
    })
    const [committed] = await store.reports.commitMails([mail(1, given)])
    expect(committed).toEqual({ key: mail(1, given).key, mailClass: 'accepted', counted: [given.id] })
    const whole = asKept(given, 'counted')
    expect(await store.reports.find(given.id)).toEqual(whole)
    expect(await store.reports.find(given.id.slice(0, -1))).toEqual(whole)
    expect(await store.reports.list(ALL, 10)).toEqual([whole])
    const other = newReport(tlsReport(1))
    await store.reports.commitMails([mail(2, other)])
    expect(await store.reports.find('rep_')).toBeNull()
    expect(await store.reports.find('')).toBeNull()
    expect(await store.reports.find('rep_zzz')).toBeNull()
  })

  test('the same report again is a duplicate, with other numbers a conflict, and neither adds anything', async () => {
    await using store = await open()
    const mails = [10, 10, 20, 20, 10].map((n, index) => mail(index, newReport(inReport(0, n))))
    expect(await classesOf(store, ...mails)).toEqual([
      'accepted',
      'duplicate',
      'conflict',
      'duplicate',
      'duplicate',
    ])
    expect(await sessions(store)).toEqual([10])
    expect([...(await standings(store)).values()].sort()).toEqual(['conflict', 'counted'])
  })

  test('of one report ten contents are kept, the first and nine conflicts; the rest is rejected', async () => {
    await using store = await open()
    const versions = Array.from({ length: 11 }, (_, n) => mail(n, newReport(inReport(0, n))))
    const [first, ...others] = await classesOf(store, ...versions)
    expect(first).toBe('accepted')
    expect(others).toEqual([...Array.from({ length: 9 }, () => 'conflict'), 'rejected'])
    expect(await classesOf(store, mail(99, newReport(inReport(0, 9))))).toEqual(['duplicate'])
    expect(await sessions(store)).toEqual([0])
  })

  test('the same report-id with another day, domain or policy type is another report', async () => {
    await using store = await open()
    const [a, b] = [tlsReport(0, { reportId: 'r' }), tlsReport(1, { reportId: 'r' })]
    const c = { ...a, policies: [policy({ policyDomain: OTHER })] }
    const d = { ...a, policies: [policy({ policyType: 'no-policy-found' })] }
    const mails = [a, b, c, d].map((one, index) => mail(index, newReport(one)))
    expect(await classesOf(store, ...mails)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    expect(await sessions(store)).toEqual([10, 10, 10])
    expect(await sessions(store, OTHER)).toEqual([10])
  })

  test('what nobody signed is kept apart and takes no place of what is signed', async () => {
    await using store = await open()
    const mails = [
      mail(1, newReport(inReport(0, 5), claimedBy(GOOGLE))),
      mail(2, newReport(inReport(0, 7), signedBy(GOOGLE))),
      mail(3, newReport(inReport(0, 6), claimedBy(GOOGLE))),
      mail(4, newReport(inReport(0, 7), claimedBy(null))),
    ]
    expect(await classesOf(store, ...mails)).toEqual(['quarantined', 'accepted', 'conflict', 'quarantined'])
    expect(await sessions(store)).toEqual([7])
    expect(await store.reports.mails('quarantined', 0, 10)).toMatchObject([
      { reason: 'unsigned', key: { uid: 4 } },
      { reason: 'unsigned', key: { uid: 1 } },
    ])
  })

  test('a mail has the best class of its reports, and a report twice in one mail is there once', async () => {
    await using store = await open()
    const fresh = (n: number, trust = signedBy(GOOGLE)) => newReport(tlsReport(n), trust)
    const conflict = () => newReport(inReport(0, 99))
    await store.reports.commitMails([mail(1, fresh(0))])
    expect(
      await classesOf(
        store,
        mail(2, [fresh(0), conflict(), fresh(1, claimedBy(GOOGLE)), fresh(2), fresh(2)]),
        mail(3, [fresh(0), conflict(), fresh(3, claimedBy(GOOGLE))]),
        mail(4, [fresh(0), newReport(inReport(0, 98))]),
        mail(5, [fresh(0), fresh(2)]),
      ),
    ).toEqual(['accepted', 'quarantined', 'conflict', 'duplicate'])
    expect(await sessions(store)).toEqual([10, 10])
  })

  test('policies of a domain: those that count, by day, then arrival; of everybody at once, by day', async () => {
    await using store = await open()
    const shared = newReport(tlsReport(2), signedBy('b.example'), {
      attributions: [{ domain: null, mx: 'mx1.example.com' as DomainName, dayAt: day(2) }],
    })
    const late = newReport(inReport(1, 11), signedBy('late.example'), { receivedAt: day(20) })
    const both = tlsReport(2, { policies: [policy({ policyDomain: OTHER }), policy()] })
    await store.reports.commitMails([
      mail(1, late),
      mail(2, newReport(inReport(1, 12), signedBy('a.example'))),
      mail(3, newReport(both)),
      mail(4, shared),
      mail(5, newReport(tlsReport(3), claimedBy(GOOGLE))),
    ])
    const found = await store.reports.policiesOf(DOMAIN, day(1))
    expect(found.map(({ reporter, dayAt }) => [reporter, dayAt])).toEqual([
      ['a.example', day(1)],
      ['late.example', day(1)],
      [GOOGLE, day(2)],
    ])
    expect(found[1]).toEqual({
      report: late.id,
      reporter: 'late.example',
      organization: 'Google',
      dayAt: day(1),
      receivedAt: day(20),
      mx: null,
      policy: late.report.policies[0],
    })
    expect(await store.reports.policiesOf(DOMAIN, day(1) + 1)).toHaveLength(1)
    expect(await store.reports.policiesOf('nobody.example' as DomainName, 0)).toEqual([])
    const all = await everything(store.reports.policiesSince(day(1)))
    expect(all.map(({ domain, dayAt }) => [domain, dayAt])).toEqual([
      [DOMAIN, day(1)],
      [DOMAIN, day(1)],
      [OTHER, day(2)],
      [DOMAIN, day(2)],
      [null, day(2)],
    ])
    expect(await everything(store.reports.policiesSince(day(2)))).toHaveLength(3)
  })

  test('more policies than a page holds all come, each once', async () => {
    await using store = await open()
    const policies = Array.from({ length: 2_345 }, (_, n) => policy({ successfulSessions: n }))
    await store.reports.commitMails([mail(1, newReport(tlsReport(0, { policies })))])
    const all = await everything(store.reports.policiesSince(day(0)))
    expect(all.map((one) => one.policy.successfulSessions)).toEqual(policies.map((_, n) => n))
  })

  test('a reporter is known by the days on which its reports arrived, whatever days they are about', async () => {
    await using store = await open()
    const arriving = (n: number, at: number, authenticity = signedBy(GOOGLE)) =>
      newReport(tlsReport(n), authenticity, { receivedAt: at })
    await store.reports.commitMails([
      mail(1, arriving(0, day(10))),
      mail(2, arriving(1, day(10) + 1)),
      mail(3, arriving(2, day(11) - 1)),
      mail(4, arriving(3, day(14))),
      mail(5, arriving(3, day(15))),
      mail(6, arriving(4, day(16), claimedBy(GOOGLE))),
    ])
    const names = [GOOGLE, 'nobody.example'] as DomainName[]
    const history = { reporter: GOOGLE, days: 2, firstDayAt: day(10), lastDayAt: day(14) }
    expect(await store.reports.reporters(names)).toEqual(new Map([[GOOGLE, history]]))
    await store.reports.admit({ sender: GOOGLE }, day(20))
    expect((await store.reports.reporters(names)).get(GOOGLE)).toMatchObject({
      days: 3,
      lastDayAt: day(16),
    })
  })

  test('lists by domain, sender, standing, day and failures, newest arrival first', async () => {
    await using store = await open()
    const failing = policy({ policyDomain: OTHER, failedSessions: 1 })
    const reports: Record<string, NewReport> = {
      plain: newReport(tlsReport(0)),
      mixed: newReport(tlsReport(1, { policies: [policy(), failing] })),
      apart: newReport(tlsReport(2), claimedBy('x.example')),
    }
    const entries = Object.entries(reports)
    await store.reports.commitMails(entries.map(([, report], uid) => mail(uid, report)))
    const list = async (filter: Partial<ReportFilter>, limit = 10) => {
      const found = await store.reports.list({ ...ALL, ...filter }, limit)
      return found.map(({ id }) => entries.find(([, report]) => report.id === id)?.[0])
    }
    expect(await list({})).toEqual(['apart', 'mixed', 'plain'])
    expect(await list({}, 2)).toEqual(['apart', 'mixed'])
    expect(await list({ domain: OTHER })).toEqual(['mixed'])
    expect(await list({ sender: 'x.example' })).toEqual(['apart'])
    expect(await list({ standing: 'counted' })).toEqual(['mixed', 'plain'])
    expect(await list({ sinceDayAt: day(1) })).toEqual(['apart', 'mixed'])
    expect(await list({ failuresOnly: true })).toEqual(['mixed'])
    expect(await list({ failuresOnly: true, domain: DOMAIN })).toEqual([])
  })

  test('deviations are counted by reporter, claimed sender, or the domain of a rejected mail', async () => {
    await using store = await open()
    const noZone = { code: 'date-no-zone', where: 'date-range', found: null, times: 2 } as const
    const noContact = { code: 'contact-missing', where: '', found: null, times: 1 } as const
    const deviating = (n: number, who = signedBy(GOOGLE)) =>
      newReport(tlsReport(n), who, { deviations: [noZone, noContact] })
    const deviations = [{ code: 'not-json', where: '', found: null, times: 1 }] as const
    await store.reports.commitMails([
      mail(1, deviating(0)),
      mail(2, deviating(1)),
      mail(3, deviating(2, claimedBy(null))),
      mail(4, { kind: 'rejected', reason: 'not-json', deviations }, { receivedAt: day(9) }),
    ])
    expect(await store.reports.deviations(0)).toEqual([
      { sender: GOOGLE, code: 'date-no-zone', times: 4, reports: 2 },
      { sender: GOOGLE, code: 'contact-missing', times: 2, reports: 2 },
      { sender: 'unknown.invalid', code: 'date-no-zone', times: 2, reports: 1 },
      { sender: GOOGLE, code: 'not-json', times: 1, reports: 1 },
      { sender: 'unknown.invalid', code: 'contact-missing', times: 1, reports: 1 },
    ])
    expect(await store.reports.deviations(day(9))).toHaveLength(1)
  })
}
