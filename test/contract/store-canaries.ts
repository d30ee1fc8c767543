import { expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts'
import { CANARY_DOMAIN } from '../../src/model/canary.ts'
import type { Authenticity } from '../../src/model/received-report.ts'
import type { Submission, SubmissionId } from '../../src/model/submission.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { MailCommit } from '../../src/store/report-store.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, T0 } from './store-samples.ts'

const RUA = 'mailto:reports@example.com'
const PLACE = { account: 'reports@mail.example:993', folder: 'INBOX', uidValidity: '1' }
const VERIFIED: Authenticity = {
  trust: 'verified',
  signer: 'monitor.example' as DomainName,
  selector: 'reports',
}
const LEASE_MS = 10 * MINUTE_MS

function canary(id: string, replaced: Partial<Submission> = {}): Submission {
  return {
    id: `sub_${id}` as SubmissionId,
    domain: CANARY_DOMAIN,
    dayAt: T0,
    rua: RUA,
    reportId: `canary.${id}@monitor.example`,
    report: '{}',
    createdAt: T0,
    notBefore: T0,
    ...replaced,
  }
}

function arrival(uid: number, reportId: string, receivedAt = at(3)): MailCommit {
  return {
    key: { kind: 'imap', place: PLACE, uid },
    rawSha256: `${uid}`,
    sizeBytes: 100,
    receivedAt,
    messageId: null,
    from: null,
    subject: null,
    verdict: { kind: 'canary', reportId, authenticity: VERIFIED, readAt: at(5) },
    raw: null,
  }
}

export function canaryContract(open: OpenEmptyStore): void {
  test('one a slot and address, whoever queues it again, and it is claimed like any report', async () => {
    await using store = await open()
    expect(await store.canaries.queue([canary('a'), canary('b', { rua: 'https://example.com/' })])).toBe(2)
    expect(await store.canaries.queue([canary('a'), canary('other')])).toBe(0)
    expect(await store.submissions.claim(T0, LEASE_MS)).toMatchObject({ id: 'sub_a', attempt: 1 })
    expect(await store.canaries.recent([RUA], 10)).toEqual([
      {
        rua: RUA,
        reportId: 'canary.a@monitor.example',
        slotAt: T0,
        state: 'leased',
        attempts: 1,
        firstTriedAt: T0,
        settledAt: null,
        note: null,
        arrival: null,
      },
    ])
  })

  test('its arrival is noted as its mail is committed, the first of several copies', async () => {
    await using store = await open()
    await store.canaries.queue([canary('a')])
    const id = 'canary.a@monitor.example'
    const [committed] = await store.reports.commitMails([arrival(1, id)])
    await store.reports.commitMails([arrival(2, id, at(9))])
    expect(committed).toMatchObject({ mailClass: 'not-a-report', counted: [] })
    const [found] = await store.canaries.recent([RUA], 1)
    expect(found?.arrival).toEqual({ at: at(3), readAt: at(5), authenticity: VERIFIED })
    // It is ours: like a report it is flagged or moved.
    expect(await store.reports.awaitingServerAction(PLACE, 10)).toEqual([1, 2])
    expect(await store.reports.policiesOf(CANARY_DOMAIN, 0)).toEqual([])
  })

  test('a canary of another monitor, or of nobody, is nothing to us', async () => {
    await using store = await open()
    await store.canaries.queue([canary('a')])
    await store.reports.commitMails([arrival(1, 'canary.z@elsewhere.example'), arrival(2, '')])
    expect((await store.canaries.recent([RUA], 10)).map((one) => one.arrival)).toEqual([null])
  })

  test('it goes to an address that refused too often, and opens it again when it is taken', async () => {
    await using store = await open()
    const report = (day: number): Submission =>
      canary(`r${day}`, { domain: 'a.example' as DomainName, dayAt: T0 - day * DAY_MS })
    const refused = { suppressUntil: T0 + 30 * DAY_MS }
    for (const day of [1, 2, 3]) {
      await store.submissions.queue([report(day)], { mostPerUri: 20 })
      const claim = await store.submissions.claim(T0, LEASE_MS)
      if (claim === null) throw new Error('it is due')
      await store.submissions.settle(claim, { kind: 'given-up', at: T0, note: '550', refused })
    }
    await store.submissions.queue([report(4)], { mostPerUri: 20 })
    expect((await store.submissions.recent('a.example' as DomainName, 1))[0]?.state).toBe('left-out')
    await store.canaries.queue([canary('a')])
    const claim = await store.submissions.claim(T0, LEASE_MS)
    expect(claim?.reportId).toBe('canary.a@monitor.example')
    if (claim !== null) await store.submissions.settle(claim, { kind: 'sent', at: T0, note: '250' })
    await store.submissions.queue([report(5)], { mostPerUri: 20 })
    expect((await store.submissions.recent('a.example' as DomainName, 1))[0]?.state).toBe('waiting')
  })

  test('the newest of each address, newest first', async () => {
    await using store = await open()
    const other = 'mailto:tls@example.net'
    const slots = [0, 1, 2].flatMap((hour) => [
      canary(`a${hour}`, { dayAt: T0 + hour * HOUR_MS }),
      canary(`b${hour}`, { dayAt: T0 + hour * HOUR_MS, rua: other }),
    ])
    await store.canaries.queue(slots)
    const ids = async (ruas: readonly string[], most: number) =>
      (await store.canaries.recent(ruas, most)).map(({ reportId }) => reportId.split(/[.@]/)[1])
    expect(await ids([RUA, other], 2)).toEqual(['a2', 'a1', 'b2', 'b1'])
    expect(await ids([], 2)).toEqual([])
  })

  test('they are forgotten with the reports of their time', async () => {
    await using store = await open()
    await store.canaries.queue([canary('old'), canary('new', { dayAt: T0 + 100 * DAY_MS })])
    const retention = {
      looksMs: DAY_MS,
      changesMs: DAY_MS,
      outboxMs: DAY_MS,
      jobsMs: DAY_MS,
      rawMs: DAY_MS,
      reportsMs: 50 * DAY_MS,
    }
    expect((await store.prune(T0 + 100 * DAY_MS, retention)).canaries).toBe(1)
    expect((await store.canaries.recent([RUA], 10)).map(({ slotAt }) => slotAt)).toEqual([T0 + 100 * DAY_MS])
  })

  test('a summary counts those that were tried, and what of them got there; their mails are in no class', async () => {
    await using store = await open()
    const https = 'https://example.com/tls'
    await store.canaries.queue([
      canary('a'),
      canary('b', { rua: https }),
      canary('c', { rua: 'mailto:c@example.com' }),
      canary('untried', { rua: 'mailto:d@example.com', notBefore: at(600) }),
    ])
    for (let one = 0; one < 3; one++) {
      const claim = await store.submissions.claim(T0, LEASE_MS)
      if (claim === null) throw new Error('it is due')
      await store.submissions.settle(claim, { kind: 'sent', at: T0, note: '250' })
    }
    await store.reports.commitMails([arrival(1, 'canary.a@monitor.example')])
    const asked = (from: number, until: number) =>
      store.view(async ({ summaries }) => ({
        canaries: await summaries.canaries(from, until),
        mails: [...(await summaries.mails(from, until))],
      }))
    expect(await asked(T0, T0 + DAY_MS)).toEqual({ canaries: { sent: 3, arrived: 2 }, mails: [] })
    expect(await asked(T0 + DAY_MS, T0 + 2 * DAY_MS)).toEqual({
      canaries: { sent: 0, arrived: 0 },
      mails: [],
    })
  })
}
