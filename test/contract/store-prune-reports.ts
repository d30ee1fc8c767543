import { expect, test } from 'vitest'
import { DAY_MS } from '../../src/lib/time.ts'
import type { Retention, Store } from '../../src/store/store.ts'
import { day, GOOGLE, mail, newReport, PLACE, policy, signedBy, tlsReport } from './report-samples.ts'
import type { OpenEmptyStore } from './store.ts'
import { DOMAIN } from './store-samples.ts'

const sessions = async (store: Store, domain = DOMAIN) =>
  (await store.reports.policiesOf(domain, 0)).map((one) => one.policy.successfulSessions)

async function everything<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const RETENTION: Retention = {
  looksMs: DAY_MS,
  changesMs: DAY_MS,
  outboxMs: DAY_MS,
  jobsMs: DAY_MS,
  rawMs: 30 * DAY_MS,
  reportsMs: 400 * DAY_MS,
}

export function pruneReportContract(open: OpenEmptyStore): void {
  test('the same bytes are kept once, and go when the last mail that has them is old', async () => {
    await using store = await open()
    const bytes = (text: string) => new Uint8Array(Buffer.from(text.repeat(50)))
    const noise = Uint8Array.from({ length: 999 }, (_, n) => (n * n * 31 + n * 7) % 256)
    const [one, two] = [bytes('one report'), noise]
    await store.reports.commitMails([
      mail(1, newReport(tlsReport(0)), { raw: one, rawSha256: '1'.repeat(64), receivedAt: day(1) }),
      mail(2, newReport(tlsReport(0)), { raw: one, rawSha256: '1'.repeat(64), receivedAt: day(5) }),
      mail(3, { kind: 'not-a-report', reason: 'bounce' }, { raw: two, rawSha256: '2'.repeat(64) }),
      mail(4, newReport(tlsReport(4))),
    ])
    const uids = async () =>
      (await everything(store.reports.raws())).map(({ key }) => (key.kind === 'imap' ? key.uid : 0))
    const raws = await everything(store.reports.raws())
    expect(raws.map(({ bytes }) => Buffer.from(bytes))).toEqual([one, one, two].map((b) => Buffer.from(b)))
    expect(raws[0]).toMatchObject({
      key: { kind: 'imap', place: PLACE, uid: 1 },
      rawSha256: '1'.repeat(64),
      receivedAt: day(1),
      authenticity: signedBy(GOOGLE),
    })
    expect(raws[2]).toMatchObject({ authenticity: null })
    expect((await store.prune(day(31), RETENTION)).raws).toBe(0)
    expect((await store.prune(day(31) + 1, RETENTION)).raws).toBe(1)
    expect(await uids()).toEqual([1, 2])
    expect((await store.prune(day(36), RETENTION)).raws).toBe(1)
    expect(await uids()).toEqual([])
    expect(await sessions(store)).toEqual([10, 10])
  })

  test('reports are kept 400 days, and a mail is known for as long as a search may name it', async () => {
    await using store = await open()
    await store.reports.beginAttempts({ ...PLACE, uidValidity: '6' }, [5], day(1))
    await store.reports.beginAttempts(PLACE, [], day(1))
    await store.reports.commitMails([
      mail(1, newReport(tlsReport(0), signedBy(GOOGLE), { receivedAt: day(1) })),
      mail(2, newReport(tlsReport(50))),
    ])
    const pruned = async (at: number) => {
      const { reports, mails } = await store.prune(at, RETENTION)
      return [reports, mails]
    }
    const known = async () => (await store.reports.unread(PLACE, [1, 2], day(1))).map(({ uid }) => uid)
    expect(await pruned(day(401))).toEqual([0, 0])
    expect(await pruned(day(401) + 1)).toEqual([1, 0])
    expect(await known()).toEqual([])
    expect((await store.reports.policiesOf(DOMAIN, 0)).map(({ dayAt }) => dayAt)).toEqual([day(50)])
    expect(await pruned(day(403))).toEqual([0, 0])
    expect((await store.reports.reporters([GOOGLE])).get(GOOGLE)).toMatchObject({ days: 1 })
    // The mail that was begun and never ended in a folder that is gone, too.
    expect(await pruned(day(403) + 1)).toEqual([0, 2])
    expect(await known()).toEqual([1])
    expect(await store.reports.lastPlace(PLACE.account, PLACE.folder)).toEqual(PLACE)
  })

  test('more reports than one transaction may delete all go', async () => {
    await using store = await open()
    const policies = Array.from({ length: 2_400 }, () => policy())
    const mails = [0, 1, 2].map((n) => mail(n, newReport(tlsReport(n, { policies }))))
    await store.reports.commitMails(mails)
    const short = { looksMs: 0, changesMs: 0, outboxMs: 0, jobsMs: 0, rawMs: 0, reportsMs: 0 }
    expect(await store.prune(day(90), short)).toMatchObject({ reports: 3, mails: 3 })
    expect(await everything(store.reports.policiesSince(0))).toEqual([])
  })
}
