import { expect, test } from 'vitest'
import { sha256 } from '../../src/lib/sha256.ts'
import type { NewReport } from '../../src/store/report-store.ts'
import type { Store } from '../../src/store/store.ts'
import { claimedBy, day, GOOGLE, mail, newReport, policy, signedBy, tlsReport } from './report-samples.ts'
import type { OpenEmptyStore } from './store.ts'
import { DOMAIN } from './store-samples.ts'

const counting = async (store: Store) =>
  (await store.reports.policiesOf(DOMAIN, 0)).map(({ report, policy: { successfulSessions } }) => [
    report,
    successfulSessions,
  ])
const classes = async (store: Store) => Object.fromEntries(await store.reports.mailClasses(0))
const report = (n: number, successfulSessions: number, authenticity = signedBy(GOOGLE)): NewReport =>
  newReport(tlsReport(n, { policies: [policy({ successfulSessions })] }), authenticity)

export function reparseContract(open: OpenEmptyStore): void {
  test('a better reading takes the place of the old one and keeps its id', async () => {
    await using store = await open()
    const old = report(0, 5)
    await store.reports.commitMails([mail(1, old)])
    expect(await store.reports.replaceReading(mail(1, report(0, 6)))).toMatchObject({
      mailClass: 'accepted',
      counted: [],
    })
    expect(await counting(store)).toEqual([[old.id, 6]])
    expect((await store.reports.reporters([GOOGLE])).get(GOOGLE)).toMatchObject({ days: 1 })
    expect(await store.reports.replaceReading(mail(1, { kind: 'not-a-report', reason: 'bounce' }))).toEqual({
      key: mail(1, old).key,
      mailClass: 'not-a-report',
      counted: [],
    })
    expect(await counting(store)).toEqual([])
    expect(await store.reports.reporters([GOOGLE])).toEqual(new Map())
    const fresh = report(3, 7)
    expect(await store.reports.replaceReading(mail(1, fresh))).toMatchObject({ counted: [fresh.id] })
    expect(await classes(store)).toEqual({ accepted: 1 })
  })

  test('the mail that was read first has the report, however often any of them is read again', async () => {
    await using store = await open()
    const [first, revised] = [report(0, 5), report(0, 6)]
    await store.reports.commitMails([mail(1, first), mail(2, revised), mail(3, report(0, 5))])
    // Now the first reads like the second did: that one is a repeat of it.
    await store.reports.replaceReading(mail(1, report(0, 6)))
    expect(await counting(store)).toEqual([[first.id, 6]])
    expect(await classes(store)).toEqual({ accepted: 1, duplicate: 2 })
    await store.reports.replaceReading(mail(2, report(0, 6)))
    expect(await store.reports.replaceReading(mail(3, report(0, 5)))).toMatchObject({ mailClass: 'conflict' })
    expect(await counting(store)).toEqual([[first.id, 6]])
  })

  test('when the first turns out to be another report, the conflict after it counts', async () => {
    await using store = await open()
    const [first, revised] = [report(0, 5), report(0, 6)]
    await store.reports.commitMails([mail(1, first), mail(2, revised)])
    const other = report(1, 7)
    expect(await store.reports.replaceReading(mail(1, other))).toMatchObject({ counted: [other.id] })
    expect(await counting(store)).toEqual([
      [revised.id, 6],
      [other.id, 7],
    ])
    expect(await classes(store)).toEqual({ accepted: 2 })
    await store.reports.replaceReading(mail(1, report(0, 5)))
    expect((await counting(store)).map(([, sessions]) => sessions)).toEqual([5])
    expect(await classes(store)).toEqual({ accepted: 1, conflict: 1 })
  })

  test('what the operator admitted stays admitted, also when it is known by another identity now', async () => {
    await using store = await open()
    const old = report(0, 5, claimedBy(GOOGLE))
    await store.reports.commitMails([mail(1, old)])
    await store.reports.admit({ id: old.id }, day(3))
    await store.reports.replaceReading(mail(1, report(0, 6, claimedBy(GOOGLE))))
    expect(await counting(store)).toEqual([[old.id, 6]])
    await store.reports.replaceReading(mail(1, report(1, 7, claimedBy(GOOGLE))))
    expect((await counting(store)).map(([, sessions]) => sessions)).toEqual([7])
  })

  test('an admitted report comes back when the signed one that took its place is none', async () => {
    await using store = await open()
    const unsigned = report(0, 5, claimedBy('forwarder.example'))
    await store.reports.commitMails([mail(1, unsigned)])
    await store.reports.admit({ id: unsigned.id }, day(3))
    await store.reports.commitMails([mail(2, report(0, 5))])
    await store.reports.replaceReading(mail(2, { kind: 'not-a-report', reason: 'bounce' }))
    expect(await counting(store)).toEqual([[unsigned.id, 5]])
    expect(await classes(store)).toEqual({ accepted: 1, 'not-a-report': 1 })
  })

  test('who answered for a report is remembered with its bytes, also when a reading found no report', async () => {
    await using store = await open()
    const raw = new Uint8Array(Buffer.from('mail'))
    await store.reports.commitMails([mail(1, report(0, 5), { raw })])
    const found: unknown[] = []
    await store.reports.replaceReading(
      mail(1, { kind: 'not-a-report', reason: 'bounce' }, { rawSha256: sha256('raw') }),
    )
    for await (const { authenticity } of store.reports.raws()) found.push(authenticity)
    expect(found).toEqual([signedBy(GOOGLE)])
  })

  test('a reading that has to wait changes nothing; one of an unknown mail is a commit', async () => {
    await using store = await open()
    const old = report(0, 5)
    const postponed = { kind: 'postponed', reason: 'dns', until: day(9) } as const
    await store.reports.commitMails([mail(1, old)])
    expect(await store.reports.replaceReading(mail(1, postponed))).toMatchObject({ mailClass: 'accepted' })
    expect(await counting(store)).toEqual([[old.id, 5]])
    expect(await store.reports.replaceReading(mail(2, report(1, 6)))).toMatchObject({ mailClass: 'accepted' })
    expect(await counting(store)).toHaveLength(2)
  })
}
