import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readinessCommand } from '../../../src/cli/readiness.ts'
import { healthyDomain, policyText } from '../../../src/lab/build-world.ts'
import { DAY_MS, HOUR_MS, systemClock } from '../../../src/lib/time.ts'
import { DEFAULT_LIMITS } from '../../../src/probe/limits.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { PolicyResult } from '../../../src/protocol/tlsrpt/report.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { mail, newReport, policy, signedBy, tlsReport } from '../../contract/report-samples.ts'
import { capturedIo } from './captured-io.ts'
import { checkLab } from './check-lab.ts'

const testing = (name: string) => {
  const domain = healthyDomain(name)
  const body = policyText({ mode: 'testing', mx: [`mx1.${name}`] })
  return { ...domain, policy: domain.policy && { ...domain.policy, body } }
}

let lab: Awaited<ReturnType<typeof checkLab>>
let database = ''
beforeAll(async () => {
  lab = await checkLab([testing('a.example')])
  database = join(lab.directory, 'reports.db')
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() =>
  Promise.all(['', '-wal', '-shm'].map((suffix) => rm(`${database}${suffix}`, { force: true }))),
)

/** One report a day by google.com up to yesterday, each with this policy. */
async function reported(days: number, replaced: Partial<PolicyResult> = {}) {
  await using store = await openStore(database, {
    owner: true,
    allowNetworkFilesystem: false,
    warn: () => {},
  })
  const today = systemClock.now() - (systemClock.now() % DAY_MS)
  for (let ago = 1; ago <= days; ago++) {
    const startAt = today - ago * DAY_MS
    const policies = [
      policy({ policyDomain: 'a.example' as DomainName, successfulSessions: 100, ...replaced }),
    ]
    const report = tlsReport(0, { startAt, endAt: startAt + DAY_MS - 1, reportId: `r${ago}`, policies })
    await store.reports.commitMails([
      mail(ago, newReport(report, signedBy('google.com'), { receivedAt: startAt + DAY_MS + HOUR_MS })),
    ])
  }
}

async function ask(domain: string, more: object = {}) {
  const { io, said } = capturedIo({ env: { DATABASE_FILE: database } })
  const world = {
    route: lab.lab.route,
    roots: [lab.lab.caPem],
    limits: { ...DEFAULT_LIMITS, connectMs: 2_000 },
  }
  const request = { configFile: join(lab.directory, 'watch.yaml'), domain, days: '30', json: false, ...more }
  return { status: await readinessCommand(request, io, world), ...said }
}

describe('readiness', () => {
  it('is ready after enough clean days, with the exact lines to publish', async () => {
    await reported(10)
    const { status, out } = await ask('A.example')
    expect(out).toMatch(
      /^✓ a\.example is ready for mode enforce\n {4}Since \d{4}-\d\d-\d\d: reports on 10 days from google\.com, 1000 sessions\.\n/,
    )
    expect(out).toContain('        mode: enforce\n')
    expect(out).toContain('_mta-sts.a.example. TXT "v=STSv1; id=')
    expect(status).toBe(0)
  })

  it('is not ready while senders fail, in a table of where and why', async () => {
    const detail = {
      resultType: 'certificate-host-mismatch',
      sendingMtaIp: null,
      receivingMxHostname: 'mx1.a.example',
      receivingMxHelo: null,
      receivingIp: null,
      failedSessions: 20,
      additionalInformation: null,
      failureReasonCode: null,
    }
    await reported(10, { failedSessions: 20, failureDetails: [detail] })
    const { status, out } = await ask('a.example')
    expect(out).toMatch(/^✗ a\.example is not ready for mode enforce\n/)
    expect(out).toMatch(/^HOST +FAILURE +SESSIONS +REPORTED BY +LAST +CAUSE +IN MODE/m)
    expect(out).toMatch(/^mx1\.a\.example +certificate-ho\S+ +200 +google\.com +\d{4}-\d\d-\d\d +not seen/m)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(status).toBe(1)
  })

  it('says what is missing when too little is known', async () => {
    await reported(2)
    const { status, out } = await ask('a.example')
    expect(out).toMatch(/^\? Too little is known of a\.example to recommend mode enforce\n/)
    expect(status).toBe(3)
  })

  it('blames no domain when the resolver denies even the names that everybody has', async () => {
    await reported(10)
    const watch = JSON.parse(await readFile(join(lab.directory, 'watch.yaml'), 'utf8'))
    const configFile = join(lab.directory, 'blind.yaml')
    const canaries = { ...watch.canaries, dns: ['canary.nowhere.example'] }
    await writeFile(configFile, JSON.stringify({ ...watch, domains: ['nowhere.example'], canaries }))
    const { status, out } = await ask('nowhere.example', { configFile })
    expect(out).toMatch(/^\? Too little is known of nowhere\.example/)
    expect(out).toContain('This look could not tell: ')
    expect(out).not.toContain('There is no MTA-STS record')
    expect(status).toBe(3)
  })

  it('counts the days it is told to', async () => {
    await reported(10)
    expect((await ask('a.example', { days: '5' })).status).toBe(3)
  })

  it('as JSON has everything it rests on', async () => {
    await reported(10)
    const { status, out } = await ask('a.example', { json: true })
    expect([status, JSON.parse(out)]).toMatchObject([
      0,
      {
        domain: 'a.example',
        verdict: 'ready',
        mode: 'testing',
        daysWithReports: 10,
        sessions: 1_000,
        failures: [],
      },
    ])
  })

  it.each<[string, string, object, RegExp]>([
    ['no name', 'a b', {}, /"a b" is no domain name/],
    ['no number of days', 'a.example', { days: 'x' }, /--days x: write a number of days/],
    [
      'a domain that is not watched',
      'b.example',
      {},
      /reports are kept of watched domains only; stswatch watch add b\.example/,
    ],
  ])('refuses %s', async (_, domain, more, complaint) => {
    const { status, out, err } = await ask(domain, more)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
  })
})
