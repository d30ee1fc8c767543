import { expect, test } from 'vitest'
import type { ReportId } from '../../src/model/received-report.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { NewReport } from '../../src/store/report-store.ts'
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

const counting = async (store: Store) =>
  (await store.reports.policiesOf(DOMAIN, 0)).map(({ reporter, policy: { successfulSessions } }) => [
    reporter,
    successfulSessions,
  ])
const classes = async (store: Store) => Object.fromEntries(await store.reports.mailClasses(0))
const standing = async (store: Store, report: NewReport) => (await store.reports.find(report.id))?.standing
const withSessions = (n: number, successfulSessions: number) =>
  tlsReport(n, { policies: [policy({ successfulSessions })] })

export function admissionContract(open: OpenEmptyStore): void {
  test('a report that the operator admits counts for the domain that it claims', async () => {
    await using store = await open()
    const report = newReport(withSessions(0, 5), claimedBy(GOOGLE))
    await store.reports.commitMails([mail(1, report)])
    expect(await store.reports.admit({ id: 'rep_none' as ReportId }, day(3))).toEqual([])
    expect(await store.reports.admit({ id: report.id }, day(3))).toEqual([asKept(report, 'admitted')])
    expect(await counting(store)).toEqual([[GOOGLE, 5]])
    expect(await classes(store)).toEqual({ accepted: 1 })
    expect(await store.reports.admit({ id: report.id }, day(3))).toEqual([])
    expect(await store.reports.admittedSenders()).toEqual([])
    const later = newReport(withSessions(1, 6), claimedBy(GOOGLE))
    expect(await store.reports.commitMails([mail(2, later)])).toMatchObject([{ mailClass: 'quarantined' }])
  })

  test('a sender that the operator admits counts from then on, and before; conflicts stay', async () => {
    await using store = await open()
    const [first, revised, other] = [
      newReport(withSessions(0, 5), claimedBy(GOOGLE)),
      newReport(withSessions(0, 6), claimedBy(GOOGLE)),
      newReport(withSessions(0, 7), claimedBy('other.example')),
    ]
    await store.reports.commitMails([mail(1, first), mail(2, revised), mail(3, other)])
    const admitted = await store.reports.admit({ sender: GOOGLE }, day(3))
    expect(admitted.map(({ id }) => id)).toEqual([first.id])
    expect(await standing(store, revised)).toBe('conflict')
    const next = newReport(withSessions(1, 8), claimedBy(GOOGLE))
    expect(await store.reports.commitMails([mail(4, next)])).toMatchObject([
      { mailClass: 'accepted', counted: [next.id] },
    ])
    expect(await counting(store)).toEqual([
      [GOOGLE, 5],
      [GOOGLE, 8],
    ])
    expect(await store.reports.admittedSenders()).toEqual([GOOGLE])
    expect(await classes(store)).toEqual({ accepted: 2, conflict: 1, quarantined: 1 })
  })

  test('a report that claims nobody can be admitted', async () => {
    await using store = await open()
    const report = newReport(withSessions(0, 5), claimedBy(null))
    await store.reports.commitMails([mail(1, report)])
    await store.reports.admit({ id: report.id }, day(3))
    expect(await counting(store)).toEqual([['unknown.invalid', 5]])
  })

  test('what is signed counts before what is admitted, whichever came first, and nothing counts twice', async () => {
    const signed = newReport(withSessions(0, 5), signedBy(GOOGLE))
    const unsigned = newReport(withSessions(0, 5), claimedBy('forwarder.example'))
    for (const order of [
      [signed, unsigned],
      [unsigned, signed],
    ]) {
      await using store = await open()
      await store.reports.admit({ sender: 'forwarder.example' as DomainName }, day(0))
      for (const [uid, report] of order.entries()) await store.reports.commitMails([mail(uid, report)])
      expect(await counting(store)).toEqual([[GOOGLE, 5]])
      expect(await standing(store, unsigned)).toBe('quarantined')
      expect(await store.reports.admit({ id: unsigned.id }, day(3))).toEqual([])
      expect(await counting(store)).toEqual([[GOOGLE, 5]])
      expect(await classes(store)).toEqual({ accepted: 1, quarantined: 1 })
      expect([
        ...(await store.reports.reporters([GOOGLE, 'forwarder.example' as DomainName])).keys(),
      ]).toEqual([GOOGLE])
    }
  })

  test('of two claimed names with one content only the first counts', async () => {
    await using store = await open()
    const [one, two] = ['a.example', 'b.example'].map((name) =>
      newReport(withSessions(0, 5), claimedBy(name)),
    ) as [NewReport, NewReport]
    await store.reports.commitMails([mail(1, one), mail(2, two)])
    await store.reports.admit({ id: two.id }, day(3))
    await store.reports.admit({ id: one.id }, day(3))
    expect(await counting(store)).toHaveLength(1)
  })
}
