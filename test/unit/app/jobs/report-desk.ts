/** Our own TLS reports, all of it real but the clock: a store in memory, the lab's DNS and web hosts, scripted mail servers. */

import { createPublicKey } from 'node:crypto'
import { findExchangers } from '../../../../src/app/find-exchangers.ts'
import { queueReports } from '../../../../src/app/jobs/queue-reports.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../../../../src/app/jobs/submit-report.ts'
import { Monitor } from '../../../../src/app/monitor.ts'
import { openReporter } from '../../../../src/app/open-reporter.ts'
import { openResolver } from '../../../../src/app/open-resolver.ts'
import type { Reporter } from '../../../../src/app/reporter.ts'
import { buildWorld, healthyDomain, mailHost, webHost } from '../../../../src/lab/build-world.ts'
import { startLab } from '../../../../src/lab/lab.ts'
import type { World } from '../../../../src/lab/world.ts'
import type { Logger } from '../../../../src/lib/log.ts'
import { type ManualClock, manualClock } from '../../../../src/lib/manual-clock.ts'
import { Secret } from '../../../../src/lib/secret.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, systemClock, type UnixMs } from '../../../../src/lib/time.ts'
import { directTransport } from '../../../../src/mail/direct-transport.ts'
import type { DkimKey } from '../../../../src/mail/dkim-sign.ts'
import type { MailDeadlines } from '../../../../src/mail/transport.ts'
import type { ProbeSession } from '../../../../src/model/probe-session.ts'
import type { Route } from '../../../../src/model/route.ts'
import type { SubmissionRow } from '../../../../src/model/submission.ts'
import { createAddressGuard } from '../../../../src/probe/address-guard.ts'
import { createNetwork } from '../../../../src/probe/network.ts'
import type { DomainName } from '../../../../src/protocol/domain-name.ts'
import { openStore } from '../../../../src/store/sqlite.ts'
import { answer, commit, snapshot } from '../../../contract/store-samples.ts'
import { QUICK } from '../../../scenario/process.ts'
import { dkimKey, rsaPem } from '../../mail/dkim-keys.ts'
import { configOf } from '../desk.ts'

export const DOMAIN = 'example.com' as DomainName
export const RUA = 'mailto:reports@example.com'
export const MX1 = '192.0.2.1'
export const MX2 = '192.0.2.2'
export const ENDPOINT = '198.51.100.1'
/** Midnight UTC; the first day that is reported on ends here. */
export const MIDNIGHT: UnixMs = Date.UTC(2026, 10, 25)

const SUBMITTER = 'monitor.example'
const PATIENT: MailDeadlines = {
  setupMs: 10 * SECOND_MS,
  greetingMs: 10 * SECOND_MS,
  silenceMs: 10 * SECOND_MS,
  totalMs: 30 * SECOND_MS,
}
/** For servers that never answer. */
export const SHORT: MailDeadlines = { ...PATIENT, greetingMs: 150, silenceMs: 300 }

export const FAILED: ProbeSession = {
  policy: {
    policyType: 'sts',
    policyString: ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 86400'],
    policyDomain: DOMAIN,
    mxHostPatterns: ['mx1.example.com'],
  },
  failures: [
    {
      resultType: 'certificate-expired',
      sendingMtaIp: null,
      receivingMxHostname: 'mx1.example.com',
      receivingIp: MX1,
      reasonCode: null,
    },
  ],
}

/** A simulated internet in which example.com has two mail hosts, reports.example an https endpoint, and our key is published. */
export async function reportLab() {
  const key = dkimKey('tlsrpt', rsaPem(2048), SUBMITTER)
  const healthy = buildWorld({
    domains: [
      healthyDomain(DOMAIN, {
        mx: [
          { preference: 20, exchange: 'mx2.example.com' },
          { preference: 10, exchange: 'mx1.example.com' },
        ],
        hosts: [
          mailHost('mx1.example.com', { addresses: [MX1] }),
          mailHost('mx2.example.com', { addresses: [MX2] }),
        ],
      }),
    ],
    hosts: [webHost('reports.example', { addresses: [ENDPOINT], https: ok() })],
    records: [keyRecord(key)],
  })
  const lab = await startLab(healthy)
  return { lab, key, healthy }
}

export function ok(status = 200, body = 'thank you') {
  return { status, headers: { 'content-type': 'text/plain' }, body }
}

function keyRecord({ selector, domain, privateKey }: DkimKey) {
  const spki = createPublicKey(privateKey.reveal()).export({ type: 'spki', format: 'der' }).toString('base64')
  return {
    name: `${selector}._domainkey.${domain}`,
    ttlSeconds: 60,
    type: 'TXT' as const,
    text: `v=DKIM1; k=rsa; s=tlsrpt; p=${spki}`,
  }
}

export interface DeskOptions {
  readonly rua?: string
  /** Lines under `reports:` in watch.yaml. */
  readonly reports?: object
  readonly deadlines?: MailDeadlines
  /** Which server a mail host's address leads to; others lead nowhere. */
  readonly mail?: Readonly<Record<string, { readonly port: number }>>
  readonly smtpUrl?: string
  readonly handshakeMs?: number
  /** Put between the reporter and what it goes through. */
  readonly through?: (reporter: Reporter) => Reporter
}

type Here = Pick<Awaited<ReturnType<typeof reportLab>>, 'lab' | 'key'>

export async function reportDesk(here: Here, options: DeskOptions = {}) {
  const { rua = RUA } = options
  const clock = manualClock(MIDNIGHT)
  const store = await openStore(':memory:', { owner: true, allowNetworkFilesystem: true, warn: () => {} })
  const routed: string[] = []
  const settings = settingsOf(here, options, routed)
  const monitor = new Monitor(clock)
  monitor.watches({ ...settings, signsMail: false })
  const events: string[] = []
  const tools = { store, monitor, clock, log: keepingLog(events) }
  const never = new AbortController().signal
  return {
    ...tools,
    tools,
    settings,
    /** `address port` of every connection that was made. */
    routed,
    /** What was logged. */
    events,
    /** A look at noon of the day before `endAt`, and the reports about it; gives how many are new. */
    async dayOver(endAt: UnixMs = MIDNIGHT, record = `v=TLSRPTv1; rua=${rua}`): Promise<number> {
      const noon = endAt - DAY_MS / 2
      const taken = snapshot(noon, { tlsrptRecord: answer([record], noon) })
      await store.commitCheck(commit(taken, { sessions: [FAILED] }))
      await until(clock, endAt)
      return queueReports(endAt, settings, tools)
    },
    /** Waits for the next report to be due and makes one attempt; null when none waits. */
    async attempt(signal: AbortSignal = never): Promise<Left | null> {
      const dueAt = await store.submissions.nextDueAt()
      if (dueAt === null) return null
      await until(clock, dueAt)
      const claim = await store.submissions.claim(clock.now(), SUBMIT_LEASE_MS)
      if (claim === null) throw new Error('it was due')
      await submitReport(claim, settings, tools, signal)
      const rows = await store.submissions.recent(claim.domain, 100)
      const row = rows.find(({ id }) => id === claim.id)
      if (row === undefined) throw new Error('it is lost')
      const nextAt = await store.submissions.nextDueAt()
      return left(row, nextAt === null ? null : (nextAt - clock.now()) / MINUTE_MS)
    },
    held: () => monitor.judgement([]).findings.find(({ code }) => code === 'monitor.reports.held'),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

export type ReportDesk = Awaited<ReturnType<typeof reportDesk>>

function settingsOf({ lab, key }: Here, options: DeskOptions, routed: string[]) {
  const { mail = {}, deadlines = PATIENT, smtpUrl } = options
  const route: Route = (address, port) => {
    routed.push(`${address} ${port}`)
    if (port !== 25) return lab.route(address, port)
    const server = mail[address]
    return server === undefined ? 'refused' : { host: '127.0.0.1', port: server.port }
  }
  const limits = { ...QUICK, handshakeMs: options.handshakeMs ?? QUICK.handshakeMs }
  const config = configOf({
    domains: [{ name: DOMAIN, submit_reports: true }],
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    egress: { allow: ['192.0.2.0/24', '198.51.100.0/24'] },
    reports: { ...(smtpUrl === undefined ? { delivery: 'direct' } : {}), ...options.reports },
  })
  const resolver = openResolver(config, systemClock, QUICK)
  const env = {
    mailFrom: `tls-reports@${SUBMITTER}`,
    smtpUrl: smtpUrl === undefined ? null : new Secret(smtpUrl),
    dkim: { domain: key.domain, mail: null, report: { ...key, keyFile: 'key.pem' } },
  }
  const world = { route, roots: [lab.caPem], limits }
  const opened = openReporter(config, env, { resolver, world, smtpCa: lab.caPem })
  if (opened === null) throw new Error('no reporter')
  const network = createNetwork({ guard: createAddressGuard(config.egressAllow), route })
  // The same as opened, with deadlines that a test can wait for.
  const transport = directTransport({
    ehloName: config.ehloName,
    deadlines,
    find: (mailDomain, signal) => findExchangers(mailDomain, { resolver, network, limits }, signal),
  })
  const reporter = smtpUrl === undefined ? { ...opened, transport } : opened
  return { config, reporter: options.through?.(reporter) ?? reporter }
}

/** What an attempt leaves in the store. */
export interface Left {
  readonly state: SubmissionRow['state']
  readonly attempts: number
  /** Hours after the end of the day when it was due for the first time. */
  readonly dueHours: number
  readonly note: string | null
  /** Until the next attempt; null: there is none. */
  readonly waitMinutes: number | null
}

function left({ state, attempts, notBefore, dayAt, note }: SubmissionRow, waitMinutes: number | null): Left {
  return { state, attempts, dueHours: (notBefore - dayAt - DAY_MS) / HOUR_MS, note, waitMinutes }
}

async function until(clock: ManualClock, at: UnixMs): Promise<void> {
  await clock.advance(Math.max(0, at - clock.now()))
}

function keepingLog(lines: string[]): Logger {
  const keep = (event: string, fields: object = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`)
  return { info: keep, warn: keep, error: keep }
}

/** The world with other records for a name of the DNS. */
export function withRecords(world: World, records: World['records']): World {
  return { ...world, records: [...world.records, ...records] }
}
