import { afterAll, beforeAll, expect, test } from 'vitest'
import { queueReports, reportSubmissions } from '../../../../src/app/jobs/queue-reports.ts'
import { DAY_MS, HOUR_MS } from '../../../../src/lib/time.ts'
import type { DomainName } from '../../../../src/protocol/domain-name.ts'
import { readTlsReports } from '../../../../src/protocol/tlsrpt/report.ts'
import { answer, commit, failed, snapshot } from '../../../contract/store-samples.ts'
import { configOf } from '../desk.ts'
import { DOMAIN, FAILED, MIDNIGHT, RUA, reportDesk, reportLab } from './report-desk.ts'

const NOON = MIDNIGHT - DAY_MS / 2

let here: Awaited<ReturnType<typeof reportLab>>
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here.lab[Symbol.asyncDispose]())

const record = (...rua: readonly string[]) => `v=TLSRPTv1; rua=${rua.join(',')}`

test('one report a URI, due in the four hours after midnight, with the sessions of that day', async () => {
  await using desk = await reportDesk(here)
  const uris = ['mailto:a@example.com', 'https://reports.example/', 'mailto:b@example.com']
  expect(await desk.dayOver(MIDNIGHT, record(...uris))).toBe(3)
  const rows = await desk.store.submissions.recent(DOMAIN, 10)
  expect(rows.map(({ rua }) => rua).toReversed()).toEqual(uris)
  for (const { dayAt, notBefore, state, attempts, note } of rows) {
    expect([dayAt, state, attempts, note]).toEqual([MIDNIGHT - DAY_MS, 'waiting', 0, null])
    expect(notBefore - MIDNIGHT).toBeGreaterThanOrEqual(0)
    expect(notBefore - MIDNIGHT).toBeLessThan(4 * HOUR_MS)
  }
  // One report, wherever it goes.
  expect(new Set(rows.map(({ report }) => report)).size).toBe(1)
  expect(readTlsReports(rows[0]?.report ?? '').reports).toMatchObject([
    { startAt: MIDNIGHT - DAY_MS, policies: [{ failedSessions: 1, successfulSessions: 0 }] },
  ])
})

test('done again, by a process that knows no more than the database, it adds nothing', async () => {
  await using desk = await reportDesk(here)
  expect(await desk.dayOver()).toBe(1)
  const before = await desk.store.submissions.recent(DOMAIN, 10)
  expect(await queueReports(MIDNIGHT, desk.settings, desk.tools)).toBe(0)
  // A look that was counted meanwhile does not change what is on its way.
  const later = snapshot(NOON + 1, { tlsrptRecord: answer([record(RUA)], NOON + 1) })
  await desk.store.commitCheck(commit(later, { sessions: [FAILED, FAILED] }))
  expect(await queueReports(MIDNIGHT, desk.settings, desk.tools)).toBe(0)
  expect(await desk.store.submissions.recent(DOMAIN, 10)).toEqual(before)
})

test('no more than two addresses and one endpoint of a long list, and nothing but mailto and https', async () => {
  await using desk = await reportDesk(here)
  const mails = Array.from({ length: 40 }, (_, n) => `mailto:r${n}@example.com`)
  const ends = Array.from({ length: 40 }, (_, n) => `https://r${n}.example/`)
  expect(await desk.dayOver(MIDNIGHT, record('ftp://r.example/', ...mails, ...ends))).toBe(3)
  const rows = await desk.store.submissions.recent(DOMAIN, 100)
  expect(rows.map(({ rua }) => rua).sort()).toEqual([
    'https://r0.example/',
    'mailto:r0@example.com',
    'mailto:r1@example.com',
  ])
})

test('however many domains name one address, it gets twenty reports about a day', async () => {
  await using desk = await reportDesk(here)
  const names = Array.from({ length: 30 }, (_, n) => `d${n}.example`)
  for (const name of names) {
    const domain = name as DomainName
    const taken = snapshot(NOON, {
      domain,
      tlsrptRecord: answer([record('mailto:victim@example.com')], NOON),
    })
    const sessions = [{ ...FAILED, policy: { ...FAILED.policy, policyDomain: domain } }]
    await desk.store.commitCheck(commit({ ...taken, id: `snap_${name}` as typeof taken.id }, { sessions }))
  }
  const config = configOf({ domains: names, reports: { submit: true } })
  expect(await queueReports(MIDNIGHT, { ...desk.settings, config }, desk.tools)).toBe(30)
  const rows = await Promise.all(names.map((name) => desk.store.submissions.recent(name as DomainName, 9)))
  const states = rows.flat().map(({ state, note }) => `${state} ${note}`)
  expect(states.filter((one) => one === 'waiting null')).toHaveLength(20)
  expect(states.filter((one) => one === 'left-out 20 reports of this day go there already')).toHaveLength(10)
})

test.each<[string, (desk: Awaited<ReturnType<typeof reportDesk>>) => Promise<number>]>([
  [
    'nobody reports',
    async (desk) => {
      await desk.store.commitCheck(commit(snapshot(NOON), { sessions: [FAILED] }))
      return queueReports(MIDNIGHT, { ...desk.settings, reporter: null }, desk.tools)
    },
  ],
  [
    'the domain is not to be reported on',
    async (desk) => {
      await desk.store.commitCheck(commit(snapshot(NOON), { sessions: [FAILED] }))
      const config = configOf({
        domains: [{ name: DOMAIN, submit_reports: false }],
        reports: { submit: true },
      })
      return queueReports(MIDNIGHT, { ...desk.settings, config }, desk.tools)
    },
  ],
  [
    'there was no session that day',
    async (desk) => {
      await desk.store.commitCheck(commit(snapshot(NOON - DAY_MS), { sessions: [FAILED] }))
      return queueReports(MIDNIGHT, desk.settings, desk.tools)
    },
  ],
  ['there is no record', (desk) => desk.dayOver(MIDNIGHT, 'v=spf1 -all')],
  ['the record names no address', (desk) => desk.dayOver(MIDNIGHT, 'v=TLSRPTv1; rua=ftp://r.example/')],
])('nothing is made when %s', async (_, queue) => {
  await using desk = await reportDesk(here)
  expect(await queue(desk)).toBe(0)
  expect(await desk.store.submissions.recent(DOMAIN, 9)).toEqual([])
})

test('where the last look could not find the record, the one before counts', async () => {
  await using desk = await reportDesk(here)
  const rua = record('mailto:known@example.com')
  await desk.store.commitCheck(
    commit(snapshot(NOON, { tlsrptRecord: answer([rua], NOON) }), { sessions: [FAILED] }),
  )
  await desk.store.commitCheck(commit(snapshot(NOON + 1, { tlsrptRecord: failed(NOON + 1) })))
  expect(await queueReports(MIDNIGHT, desk.settings, desk.tools)).toBe(1)
  expect(await desk.store.submissions.recent(DOMAIN, 9)).toMatchObject([{ rua: 'mailto:known@example.com' }])
})

test('a report that no receiver would take for its size is not made, and that is logged', async () => {
  await using desk = await reportDesk(here)
  const sessions = Array.from({ length: 4_000 }, (_, n) => ({
    policy: {
      ...FAILED.policy,
      policyString: Array.from({ length: 5 }, (__, line) => `x${n}-${line}: ${'y'.repeat(600)}`),
    },
    failures: [],
  }))
  await desk.store.commitCheck(commit(snapshot(NOON), { sessions }))
  const day = { domain: DOMAIN, dayAt: MIDNIGHT - DAY_MS }
  expect(await reportSubmissions(day, MIDNIGHT, desk.settings.reporter, desk.tools)).toEqual([])
  expect(desk.events).toEqual([expect.stringMatching(/^report\.too-large .*"domain":"example\.com"/)])
})

test('a domain whose report cannot be made is told of, and keeps no other from its report', async () => {
  await using desk = await reportDesk(here)
  const names = ['broken.example', DOMAIN] as DomainName[]
  for (const domain of names) {
    const taken = snapshot(NOON, { domain, tlsrptRecord: answer([record(RUA)], NOON) })
    await desk.store.commitCheck(
      commit({ ...taken, id: `snap_${domain}` as typeof taken.id }, { sessions: [FAILED] }),
    )
  }
  const submissions: typeof desk.store.submissions = {
    ...desk.store.submissions,
    sessionsOf: (domain, dayAt) =>
      domain === 'broken.example'
        ? Promise.reject(new Error('out of order'))
        : desk.store.submissions.sessionsOf(domain, dayAt),
  }
  const config = configOf({ domains: names, reports: { submit: true } })
  const store = { ...desk.store, submissions }
  const queue = queueReports(MIDNIGHT, { ...desk.settings, config }, { ...desk.tools, store })
  await expect(queue).rejects.toThrow(/out of order/)
  expect(desk.events).toEqual([expect.stringMatching(/^report\.not-made .*broken\.example.*out of order/)])
  expect(await desk.store.submissions.recent(DOMAIN, 9)).toMatchObject([{ state: 'waiting' }])
})
