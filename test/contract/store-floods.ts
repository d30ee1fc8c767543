import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Authenticity } from '../../src/model/received-report.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { NewReport } from '../../src/store/report-store.ts'
import type { Store } from '../../src/store/store.ts'
import { claimedBy, day, GOOGLE, mail, newReport, policy, signedBy, tlsReport } from './report-samples.ts'
import type { OpenEmptyStore } from './store.ts'

const domainOf = (n: number) => `d${n}.example` as DomainName

/** The n-th report about a domain, as it arrives on the fifth day. */
function about(n: number, domain: DomainName, replaced: Partial<NewReport> = {}): NewReport {
  const report = tlsReport(0, { reportId: `${domain} ${n}`, policies: [policy({ policyDomain: domain })] })
  return newReport(report, replaced.authenticity ?? signedBy(GOOGLE), { receivedAt: day(5), ...replaced })
}

/** Reports about a domain each. */
const crowd = (count: number, replaced: Partial<NewReport> = {}, from = 0) =>
  Array.from({ length: count }, (_, n) => about(0, domainOf(from + n), replaced))

/** One after the other, each in a mail of its own and all in one commit. */
function sender(store: Store) {
  let uid = 0
  return async (...reports: readonly NewReport[]) => {
    const mails = reports.map((report) => {
      uid += 1
      return mail(uid, report)
    })
    return (await store.reports.commitMails(mails)).map(({ mailClass }) => mailClass)
  }
}

const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one)

/** With so many days on which it reported before. */
async function familiar(store: Store, days: number, who: Authenticity = signedBy(GOOGLE)): Promise<void> {
  const earlier = Array.from({ length: days }, (_, n) =>
    newReport(tlsReport(n, { reportId: 'earlier' }), who, { receivedAt: day(n) }),
  )
  await store.reports.commitMails(earlier.map((report, n) => mail(10_000 + n, report)))
}

export function floodContract(open: OpenEmptyStore): void {
  test('a signer has 200 reports a day and 50 of one domain; the rest is rejected and counted', async () => {
    await using store = await open()
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((one) => `${one}.example`) as DomainName[] as [
      DomainName,
      DomainName,
      DomainName,
      DomainName,
      DomainName,
    ]
    const send = sender(store)
    const fill = (domain: DomainName, n: number) =>
      send(...Array.from({ length: n }, (_, index) => about(index, domain)))
    for (const domain of [a, b, c]) expect(await fill(domain, 50)).toEqual(times(50, 'accepted'))
    expect(await send(about(50, a))).toEqual(['rejected'])
    // A repeat is not kept, so it needs no room.
    expect(await send(about(0, a))).toEqual(['duplicate'])
    expect(await send(about(50, a, { receivedAt: day(6) }))).toEqual(['accepted'])
    expect(await fill(d, 49)).toEqual(times(49, 'accepted'))
    expect(await send(about(0, e), about(1, e))).toEqual(['accepted', 'rejected'])
    // Neither another signer nor the same name unsigned is held up, and files are the operator's own.
    expect(
      await send(
        about(99, a, { authenticity: signedBy('other.example') }),
        about(99, a, { authenticity: claimedBy(GOOGLE) }),
        about(98, a, { source: { via: 'file', path: 'report.json' } }),
      ),
    ).toEqual(['accepted', 'quarantined', 'accepted'])
    expect(await store.reports.mails('rejected', 0, 10)).toMatchObject([
      { reason: 'too-many-from-signer' },
      { reason: 'too-many-from-signer' },
    ])
    expect((await store.reports.mailClasses(0)).get('rejected')).toBe(2)
  })

  test.each([
    ['the day before', day(5) - 1],
    ['the day after', day(6)],
  ])('the limit is that of a day: %s has its own', async (_, receivedAt) => {
    await using store = await open()
    const send = sender(store)
    await send(...Array.from({ length: 50 }, (_, n) => about(n, domainOf(0))))
    expect(await send(about(50, domainOf(0)), about(51, domainOf(0), { receivedAt }))).toEqual([
      'rejected',
      'accepted',
    ])
  })

  test.each([
    ['that never reported before', 0, signedBy(GOOGLE)],
    ['that reported on one day before', 1, signedBy(GOOGLE)],
    ['that only claims a name that is familiar', 3, claimedBy(GOOGLE)],
  ])('a stranger, one %s, has 200 reports a day about whatever domains', async (_, days, who) => {
    await using store = await open()
    await familiar(store, days)
    const classes = await sender(store)(...crowd(201, { authenticity: who }))
    const kept = who.trust === 'unverified' ? 'quarantined' : 'accepted'
    expect(classes).toEqual([...times(200, kept), 'rejected'])
  })

  test('one that reported on two days before is no stranger on the third', async () => {
    await using store = await open()
    await familiar(store, 2)
    expect(await sender(store)(...crowd(260))).toEqual(times(260, 'accepted'))
  })

  test('nor is one of the large senders, be it its first day', async () => {
    await using store = await open()
    const send = sender(store)
    expect(await send(...crowd(201, { isOfLargeSender: true }))).toEqual(times(201, 'accepted'))
    expect(await send(...crowd(60, { isOfLargeSender: true }, 201))).toEqual(times(60, 'accepted'))
  })

  test.each([
    ['a familiar', 3, false],
    ['a large', 0, true],
  ])('%s sender has 50 reports of one domain a day all the same', async (_, days, isOfLargeSender) => {
    await using store = await open()
    await familiar(store, days)
    const send = sender(store)
    await send(...crowd(201, { isOfLargeSender }))
    const more = Array.from({ length: 50 }, (_, n) => about(n + 1, domainOf(7), { isOfLargeSender }))
    expect(await send(...more)).toEqual([...times(49, 'accepted'), 'rejected'])
    expect(await send(about(51, domainOf(7), { isOfLargeSender }))).toEqual(['rejected'])
    expect(await send(about(1, domainOf(8), { isOfLargeSender }))).toEqual(['accepted'])
  })

  test('a report about a domain in several policies is one report of it', async () => {
    await using store = await open()
    const policies = [1, 2, 3].map((successfulSessions) =>
      policy({ policyDomain: domainOf(0), successfulSessions }),
    )
    const reports = Array.from({ length: 51 }, (_, n) =>
      newReport(tlsReport(0, { reportId: `${n}`, policies }), signedBy(GOOGLE), { receivedAt: day(5) }),
    )
    expect(await sender(store)(...reports)).toEqual([...times(50, 'accepted'), 'rejected'])
  })

  test('a mail that is read again is held up by those before it, not by those after', async () => {
    await using store = await open()
    const reports = crowd(201)
    await sender(store)(...reports)
    for (const [index, mailClass] of [
      [0, 'accepted'],
      [199, 'accepted'],
      [200, 'rejected'],
    ] as const) {
      const better = about(1, domainOf(index))
      expect((await store.reports.replaceReading(mail(index + 1, better))).mailClass).toBe(mailClass)
    }
  })

  /** Most of one day and signed, so that the limits of the sender and of a domain are both met. */
  const mostly = fc.nat(5).map((n) => n > 0)
  const spec = fc.record({ isSigned: mostly, isToday: mostly, isNew: mostly, domain: fc.nat(5) })
  const stream = fc.array(spec, { minLength: 400, maxLength: 400 })
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 400, maxLength: 400 })
  test('however the mails of a flood are spread over commits, the same ones are kept', async () => {
    await fc.assert(
      fc.asyncProperty(stream, cuts, async (specs, sizes) => {
        const reports = specs.map((one, n) =>
          about(one.isNew ? n : Math.floor(n / 2), domainOf(one.domain), {
            authenticity: one.isSigned ? signedBy(GOOGLE) : claimedBy(GOOGLE),
            receivedAt: day(one.isToday ? 5 : 6),
          }),
        )
        await using cut = await open()
        const send = sender(cut)
        const classes = []
        for (let from = 0, index = 0; from < reports.length; from += sizes[index] ?? 1, index += 1) {
          classes.push(...(await send(...reports.slice(from, from + (sizes[index] ?? 1)))))
        }
        await using whole = await open()
        const expected = expectedClasses(reports)
        expect(expected).toContain('rejected')
        expect(classes).toEqual(expected)
        expect(await sender(whole)(...reports)).toEqual(classes)
      }),
      { numRuns: 5 },
    )
  }, 30_000)
}

/** The rule said once more, in the simplest way. */
function expectedClasses(reports: readonly NewReport[]): readonly string[] {
  const kept: NewReport[] = []
  return reports.map((report) => {
    if (kept.some(({ identity }) => identity === report.identity)) return 'duplicate'
    const sameDay = kept.filter(
      (one) => one.receivedAt === report.receivedAt && one.authenticity.trust === report.authenticity.trust,
    )
    const domain = report.attributions[0]?.domain
    const sameDomain = sameDay.filter((one) => one.attributions[0]?.domain === domain)
    if (sameDay.length >= 200 || sameDomain.length >= 50) return 'rejected'
    kept.push(report)
    return report.authenticity.trust === 'unverified' ? 'quarantined' : 'accepted'
  })
}
