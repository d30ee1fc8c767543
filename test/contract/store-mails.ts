import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { claimedBy, day, GOOGLE, mail, newReport, PLACE, policy, tlsReport } from './report-samples.ts'
import type { OpenEmptyStore } from './store.ts'
import { DOMAIN } from './store-samples.ts'

const classesOf = async (store: Store, ...mails: Parameters<Store['reports']['commitMails']>[0]) =>
  (await store.reports.commitMails(mails)).map(({ mailClass }) => mailClass)

const sessions = async (store: Store, domain = DOMAIN) =>
  (await store.reports.policiesOf(domain, 0)).map((one) => one.policy.successfulSessions)

const inReport = (n: number, successfulSessions: number) =>
  tlsReport(n, { policies: [policy({ successfulSessions })] })

export function mailContract(open: OpenEmptyStore): void {
  test('every mail is in one class, and the classes add up to the mails', async () => {
    await using store = await open()
    const deviations = [{ code: 'not-json', where: '', found: null, times: 1 }] as const
    await store.reports.beginAttempts(PLACE, [1, 2, 3, 4, 5, 6], day(1))
    const classes = await classesOf(
      store,
      mail(1, newReport()),
      mail(2, { kind: 'rejected', reason: 'not-json', deviations }),
      mail(3, { kind: 'not-a-report', reason: 'bounce' }),
      mail(4, { kind: 'postponed', reason: 'dns', until: day(2) }),
      mail(5, { kind: 'poison', attempts: 3 }),
    )
    expect(classes).toEqual(['accepted', 'rejected', 'not-a-report', 'postponed', 'quarantined'])
    const counts = await store.reports.mailClasses(0)
    expect(counts).toEqual(new Map(classes.map((one) => [one, 1])))
    expect(await store.reports.mailClasses(day(9))).toEqual(new Map())
    expect(await store.reports.mails('quarantined', 0, 10)).toEqual([
      {
        key: { kind: 'imap', place: PLACE, uid: 5 },
        mailClass: 'quarantined',
        reason: 'poison',
        attempts: 3,
        receivedAt: day(1),
        from: 'Google <tls@google.example>',
        subject: 'mail 5',
        sizeBytes: 5_005,
      },
    ])
  })

  test('unread is what is new, due again, or was begun and never ended; in the order asked', async () => {
    await using store = await open()
    const unread = (uids: readonly number[], at = day(1)) => store.reports.unread(PLACE, uids, at)
    expect(await unread([3, 1])).toEqual([
      { uid: 3, attempts: 0 },
      { uid: 1, attempts: 0 },
    ])
    await store.reports.beginAttempts(PLACE, [1, 2, 3], day(1))
    await store.reports.beginAttempts(PLACE, [2, 3], day(1))
    await store.reports.commitMails([
      mail(1, newReport()),
      mail(2, { kind: 'postponed', reason: 'dns', until: day(2) }),
    ])
    expect(await unread([1, 2, 3, 4])).toEqual([
      { uid: 3, attempts: 2 },
      { uid: 4, attempts: 0 },
    ])
    // What was postponed did end: it is no attempt that killed the reader.
    expect(await unread([1, 2], day(2))).toEqual([{ uid: 2, attempts: 0 }])
    expect(await unread([2], day(2) - 1)).toEqual([])
    await store.reports.beginAttempts(PLACE, [1, 2], day(2))
    expect(await unread([1, 2], day(1))).toEqual([{ uid: 2, attempts: 1 }])
    expect(await store.reports.unread({ ...PLACE, uidValidity: '8' }, [1], day(1))).toHaveLength(1)
    const many = Array.from({ length: 2_500 }, (_, index) => 10_000 - index)
    expect((await unread(many)).map(({ uid }) => uid)).toEqual(many)
  })

  test('what ended is never replaced by another commit', async () => {
    await using store = await open()
    await store.reports.commitMails([mail(1, newReport(inReport(0, 1)))])
    const again = await store.reports.commitMails([mail(1, newReport(inReport(5, 2)))])
    expect(again).toEqual([{ key: mail(1, []).key, mailClass: 'accepted', counted: [] }])
    expect(await sessions(store)).toEqual([1])
  })

  test('the place read last is the one entered last, also when it was left and came back', async () => {
    await using store = await open()
    const last = () => store.reports.lastPlace(PLACE.account, PLACE.folder)
    expect(await last()).toBeNull()
    for (const uidValidity of ['7', '8', '8', '7']) {
      await store.reports.beginAttempts({ ...PLACE, uidValidity }, [], day(1))
      expect(await last()).toEqual({ ...PLACE, uidValidity })
    }
    expect(await store.reports.lastPlace(PLACE.account, 'Other')).toBeNull()
  })

  test('the server is told of what ended, until it is noted that it was', async () => {
    await using store = await open()
    await store.reports.beginAttempts(PLACE, [9], day(1))
    await store.reports.commitMails([
      mail(3, newReport()),
      mail(1, { kind: 'rejected', reason: 'not-json', deviations: [] }),
      mail(5, { kind: 'not-a-report', reason: 'bounce' }),
      mail(2, { kind: 'postponed', reason: 'dns', until: day(2) }),
      mail(4, newReport(tlsReport(4)), { key: { kind: 'file', sha256: 'f'.repeat(64) } }),
    ])
    expect(await store.reports.awaitingServerAction(PLACE, 10)).toEqual([1, 3])
    expect(await store.reports.awaitingServerAction(PLACE, 1)).toEqual([1])
    expect(await store.reports.awaitingServerAction({ ...PLACE, uidValidity: '8' }, 10)).toEqual([])
    await store.reports.noteServerAction(PLACE, [1, 77], day(1))
    await store.reports.noteServerAction(PLACE, [1], day(2))
    expect(await store.reports.awaitingServerAction(PLACE, 10)).toEqual([3])
  })

  test('a file is known by its bytes', async () => {
    await using store = await open()
    const key = { kind: 'file', sha256: 'a'.repeat(64) } as const
    expect(await store.reports.isImported(key.sha256)).toBe(false)
    const file = mail(0, newReport(tlsReport(0), claimedBy(GOOGLE)), { key, from: null, subject: null })
    expect(await classesOf(store, file)).toEqual(['quarantined'])
    expect(await store.reports.isImported(key.sha256)).toBe(true)
    expect(await store.reports.mails('quarantined', 0, 1)).toMatchObject([{ key }])
  })
}
