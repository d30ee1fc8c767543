import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { editDomain } from '../../src/lab/build-world.ts'
import { DAY_MS, type UnixMs } from '../../src/lib/time.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { readTlsReports } from '../../src/protocol/tlsrpt/report.ts'
import { reportIdOf } from '../../src/submit/report-identity.ts'
import { decodeWords, header, readMail } from '../unit/mail/read-mail.ts'
import { returnsOf } from './returned-mails.ts'
import {
  A,
  type Arrived,
  B,
  hardlyEver,
  LOOKS_A_DAY,
  SELECTOR,
  type Side,
  TwoMonitors,
} from './two-monitors.ts'

const ALL = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }

/** A report mail as its receiver sees it, in one line. */
function told(mail: Arrived): string {
  const { parts } = readMail(mail.raw)
  const [report] = readTlsReports(
    gunzipSync(Buffer.from(parts[1]?.content ?? '', 'latin1')).toString('utf8'),
  ).reports
  const sessions = report?.policies.map(
    ({ policyType, policyDomain, successfulSessions, failedSessions }) =>
      `${policyType} of ${policyDomain}: ${successfulSessions} and ${failedSessions}`,
  )
  expect(subjectOf(mail)).toContain(`<${report?.reportId}>`)
  return `${report?.reportId} ${sessions?.join(', ')}`
}

/** What `to` is to be told by `from` about a day. */
function expected(
  dayAt: UnixMs,
  { domain: from }: Side,
  { domain: to }: Side,
  sessions = LOOKS_A_DAY,
): string {
  const id = reportIdOf({ domain: to as DomainName, dayAt }, from as DomainName)
  return `${id} sts of ${to}: ${sessions} and 0`
}

function daysFrom(startAt: UnixMs, count: number): readonly UnixMs[] {
  return Array.from({ length: count }, (_, n) => startAt + n * DAY_MS)
}

function subjectOf({ raw }: Arrived): string {
  return decodeWords(header(readMail(raw).headers, 'Subject'))
}

const dayOf = ({ at }: Arrived) => at - (at % DAY_MS)

test('30 days of two monitors that report to each other: one report a day each way, and no more of any kind', async () => {
  await using two = await TwoMonitors.open()
  const startAt = two.clock.now()
  const pairs = [
    [two.a, two.b],
    [two.b, two.a],
  ] as const
  await two.pass(15 * 24, 6)
  // What comes back on a report mail, in many ways, while all goes on.
  const returns = returnsOf(two.b.received[3]?.raw ?? '', { ...two.b, selector: SELECTOR })
  for (const mail of returns) two.lab.imap.arrive(mail, two.clock.now(), A)
  await two.a.askForMail()
  await two.pass(15 * 24 + 6, 6)
  for (const side of two.sides) await side.askForMail()
  await two.settle()

  for (const [from, to] of pairs) {
    expect(to.received.map(dayOf)).toEqual(daysFrom(startAt + DAY_MS, 30))
    expect(to.received.map(told)).toEqual(daysFrom(startAt, 30).map((dayAt) => expected(dayAt, from, to)))
    expect(new Set(to.received.map(told)).size).toBe(30)
    expect(new Set(to.received.map(({ raw }) => /^Message-ID: (.*)/m.exec(raw)?.[1])).size).toBe(30)
    const { store } = to.running
    const read = await store.reports.list(ALL, 100)
    expect(read.map(({ report }) => report.reportId).sort()).toEqual(
      to.received.map((mail) => told(mail).split(' ')[0]).sort(),
    )
    const verified = { trust: 'verified', signer: from.domain, selector: SELECTOR }
    expect(new Set(read.map(({ standing }) => standing))).toEqual(new Set(['counted']))
    for (const { authenticity } of read) expect(authenticity).toEqual(verified)
    const others = to === two.a ? { 'not-a-report': returns.length } : {}
    expect(Object.fromEntries(await store.reports.mailClasses(0))).toEqual({ accepted: 30, ...others })
    expect(await store.incidents.live()).toEqual([])
  }

  // Nobody looks any more: what was seen this morning is reported, and then nothing.
  for (const side of two.sides) await side.lookAt(hardlyEver(startAt))
  await two.pass(3 * 24, 12)
  for (const [from, to] of pairs) {
    expect(to.received.slice(30).map(told)).toEqual([expected(startAt + 30 * DAY_MS, from, to, 1)])
  }
})

test('restarted every hour, one of them still reports once a day, and counts no session twice', async () => {
  await using two = await TwoMonitors.open()
  const [a, b] = two.sides
  const startAt = two.clock.now()
  for (let hour = 0; hour < 3 * 24 + 6; hour++) {
    await two.pass(1, 1)
    await a.stop()
    await a.start()
    // Told by mail, over a session with the very host that is measured: none of the results (R75).
    const tlsrptRecord = [`v=TLSRPTv1; rua=mailto:tls-reports@${B}`]
    if (hour === 26) two.lab.change((world) => editDomain(world, B, { tlsrptRecord }))
  }
  const reports = b.received.filter(({ raw }) => /^TLS-Report-Domain:/m.test(raw))
  expect(reports.map(dayOf)).toEqual(daysFrom(startAt + DAY_MS, 3))
  expect(reports.map(told)).toEqual(daysFrom(startAt, 3).map((dayAt) => expected(dayAt, a, b)))
  const news = b.received.filter((mail) => !reports.includes(mail))
  expect(news.map(subjectOf)).toEqual([expect.stringMatching(/^\[changed\] b\.example: _smtp\._tls record/)])
  expect(a.received.map(told)).toEqual(daysFrom(startAt, 3).map((dayAt) => expected(dayAt, b, a)))
})
