import { SUBMIT_LEASE_MS, submitReport } from '../../src/app/jobs/submit-report.ts'
import { visitMailbox } from '../../src/app/jobs/visit-mailbox.ts'
import { REAL_WORLD } from '../../src/app/open-probe.ts'
import { openSettings } from '../../src/app/open-settings.ts'
import type { Reporter } from '../../src/app/reporter.ts'
import type { Settings } from '../../src/app/settings.ts'
import { readEnv } from '../../src/config/env.ts'
import { DAY_MS, MINUTE_MS, systemClock } from '../../src/lib/time.ts'
import type { Canary } from '../../src/model/canary.ts'
import type { CountedSession, SessionFailure } from '../../src/model/probe-session.ts'
import type { Submission, SubmissionRow } from '../../src/model/submission.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { TlsReport } from '../../src/protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../../src/protocol/tlsrpt/report-format.ts'
import type { ClaimedSubmission } from '../../src/store/submission-store.ts'
import { canarySubmission } from '../../src/submit/canary-report.ts'
import { dailyReport } from '../../src/submit/daily-report.ts'
import { reportIdOf, submissionIdOf } from '../../src/submit/report-identity.ts'
import type { SentReport } from '../../src/submit/send-report.ts'
import { sendReport } from '../../src/submit/send-report.ts'
import { configOf, desk } from '../unit/app/desk.ts'
import { ReportInstallation } from '../unit/cli/report-installation.ts'
import {
  PASSWORD,
  type Published,
  type ReportWorld,
  ruaOf,
  type Service,
  SUBMITTER,
} from './own-report-world.ts'
import { DOVECOT_USER } from './servers/dovecot.ts'

/** bücher.example */
export const DOMAIN = 'xn--bcher-kva.example' as DomainName
const MX = `mx1.${DOMAIN}` as DomainName
export const ORGANIZATION = 'Bücher & Söhne 書店'
const TODAY = systemClock.now() - (systemClock.now() % DAY_MS)
export const DAY = { domain: DOMAIN, dayAt: TODAY - DAY_MS }

const POLICY = ['version: STSv1', 'mode: enforce', `mx: ${MX}`, 'max_age: 1209600']
const STS = { policyType: 'sts', policyString: POLICY, policyDomain: DOMAIN, mxHostPatterns: [MX] } as const
const TLSA = {
  policyType: 'tlsa',
  policyString: [`3 1 1 ${'ab'.repeat(32)}`, `3 1 1 ${'cd'.repeat(32)}`],
  policyDomain: MX,
  mxHostPatterns: [],
} as const
const NONE = {
  policyType: 'no-policy-found',
  policyString: [],
  policyDomain: DOMAIN,
  mxHostPatterns: [],
} as const

function failure(resultType: SessionFailure['resultType'], reasonCode: string | null = null): SessionFailure {
  return {
    resultType,
    sendingMtaIp: '198.51.100.7',
    receivingMxHostname: MX,
    receivingIp: '203.0.113.25',
    reasonCode,
  }
}

const EXPIRED = failure('certificate-expired')
const MISMATCH = failure('certificate-host-mismatch', 'the certificate is for „größe.example“')

/** What the looks of a bad day saw: a session that failed twice, and three kinds of policy. */
const SESSIONS: readonly CountedSession[] = [
  { policy: STS, failures: [], sessions: 90 },
  { policy: STS, failures: [EXPIRED], sessions: 4 },
  { policy: STS, failures: [EXPIRED, MISMATCH], sessions: 2 },
  { policy: TLSA, failures: [], sessions: 95 },
  { policy: TLSA, failures: [failure('tlsa-invalid')], sessions: 1 },
  { policy: NONE, failures: [failure('starttls-not-supported')], sessions: 3 },
]

/** Sessions as a person is told: those of several policies are the same, so no more than the largest has (96, of them 6 failed). */
export const TOLD = { succeeded: 90, failed: 6 }

/** How mail leaves the installation: by a server of one's own, or straight to the mail hosts. */
export type Way = { readonly smtpUrl: string } | 'direct'

export interface Wish {
  /** The folder that it reads. */
  readonly service: Service
  readonly way: Way
  /** The key that it signs reports with. */
  readonly published: Published
}

/** An installation that reports, and reads what arrives in the folder of one service. */
export class OwnInstallation implements AsyncDisposable {
  /** The messages that were handed to the transport, as they were. */
  readonly sent: string[] = []
  readonly report: TlsReport
  readonly #cli: ReportInstallation
  readonly #desk: Awaited<ReturnType<typeof desk>>
  readonly #store: Awaited<ReturnType<ReportInstallation['store']>>
  readonly #settings: Settings & { readonly reporter: Reporter }

  private constructor(
    cli: ReportInstallation,
    surroundings: Awaited<ReturnType<typeof desk>>,
    store: Awaited<ReturnType<ReportInstallation['store']>>,
    settings: Settings & { readonly reporter: Reporter },
  ) {
    this.#cli = cli
    this.#desk = surroundings
    this.#store = store
    const { reporter } = settings
    const transport: Reporter['transport'] = {
      send: (mail, signal) => {
        this.sent.push(mail.raw)
        return reporter.transport.send(mail, signal)
      },
    }
    this.#settings = { ...settings, reporter: { ...reporter, transport } }
    const made = dailyReport(SESSIONS, DAY, reporter.author, reportIdOf(DAY, reporter.submitter))
    if (made === null) throw new Error('no report')
    this.report = made
  }

  static async open(world: ReportWorld, wish: Wish): Promise<OwnInstallation> {
    const surroundings = await desk()
    surroundings.clock.step(systemClock.now() - surroundings.clock.now())
    const settings = settingsOf(world, wish, surroundings)
    const cli = await ReportInstallation.open([DOMAIN])
    return new OwnInstallation(cli, surroundings, await cli.store({ owner: true }), settings)
  }

  /** Puts the report on its way to `service`, due at once. */
  async queue(service: Service): Promise<void> {
    const rua = ruaOf(service)
    const now = this.#desk.clock.now()
    const submission: Submission = {
      ...DAY,
      id: submissionIdOf(DAY, rua),
      rua,
      reportId: reportIdOf(DAY, SUBMITTER),
      report: formatTlsReport(this.report),
      createdAt: now,
      notBefore: now,
    }
    await this.#store.submissions.queue([submission], { mostPerUri: 1 })
  }

  /** Puts a report to ourselves on its way. */
  async queueCanary(service: Service): Promise<void> {
    const now = this.#desk.clock.now()
    const wish = { rua: ruaOf(service), slotAt: now }
    await this.#store.canaries.queue([canarySubmission(wish, this.#settings.reporter, now)])
  }

  canaries(service: Service): Promise<readonly Canary[]> {
    return this.#store.canaries.recent([ruaOf(service)], 10)
  }

  async claim(): Promise<ClaimedSubmission> {
    const claim = await this.#store.submissions.claim(this.#desk.clock.now(), SUBMIT_LEASE_MS)
    if (claim === null) throw new Error('no report is due')
    return claim
  }

  /** One attempt with the report that is due, and what follows from it. */
  async submit(): Promise<SubmissionRow | undefined> {
    const tools = { ...this.#desk.tools, store: this.#store }
    await submitReport(await this.claim(), this.#settings, tools, this.#desk.never)
    const [row] = await this.#store.submissions.recent(DOMAIN, 1)
    return row
  }

  /** An attempt whose end nobody notes: the process dies, and the next one finds the report leased. */
  async submitAndDie(): Promise<SentReport> {
    const outcome = await sendReport(await this.claim(), this.#settings.reporter, this.#desk.never)
    await this.#store.submissions.recover(this.#desk.clock.now())
    return outcome
  }

  /** When the next attempt is due. */
  dueAt(): Promise<number | null> {
    return this.#store.submissions.nextDueAt()
  }

  pass(minutes: number): Promise<void> {
    return this.#desk.clock.advance(minutes * MINUTE_MS)
  }

  get now(): number {
    return this.#desk.clock.now()
  }

  /** Why no report can be sent just now, as the monitor tells it. */
  get trouble(): string | null {
    return this.#desk.monitor.reports.state().heldReports?.why ?? null
  }

  visit() {
    return visitMailbox(this.#settings, { ...this.#desk.tools, store: this.#store }, this.#desk.never)
  }

  /** Mails by class, the reports that came of them, and the sessions of those that count. */
  async read() {
    const filter = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }
    const sessions = { successful: 0, failed: 0 }
    for await (const { policy } of this.#store.reports.policiesSince(0)) {
      sessions.successful += policy.successfulSessions
      sessions.failed += policy.failedSessions
    }
    return {
      sessions,
      classes: Object.fromEntries(await this.#store.reports.mailClasses(0)),
      reports: await this.#store.reports.list(filter, 10),
    }
  }

  run(...args: readonly string[]) {
    return this.#cli.run(args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
    await this.#desk[Symbol.asyncDispose]()
    await this.#cli[Symbol.asyncDispose]()
  }
}

/** What watch.yaml and the environment make of it. */
function settingsOf(
  world: ReportWorld,
  { service, way, published }: Wish,
  { tools }: Pick<Awaited<ReturnType<typeof desk>>, 'tools'>,
): Settings & { readonly reporter: Reporter } {
  const config = configOf({
    domains: [DOMAIN],
    resolvers: [`${world.dns.host}:${world.dns.port}`],
    egress: { allow: ['192.0.2.0/24'] },
    reports: { submit: true, organization: ORGANIZATION, delivery: way === 'direct' ? 'direct' : 'smtp' },
    mailbox: { folder: service, check: '*/5 * * * *', idle: false },
  })
  const login = `${encodeURIComponent(DOVECOT_USER)}:${encodeURIComponent(PASSWORD)}`
  const env = readEnv({
    ...world.env,
    DKIM_REPORT_SELECTOR: world.selectors.report[published],
    IMAP_URL: `imaps://${login}@localhost:${world.dovecot.implicit.port}`,
    ...(way === 'direct' ? {} : { SMTP_URL: way.smtpUrl }),
  })
  if (!env.ok) throw new Error(env.error.join('; '))
  const opened = openSettings(config, env.value, {
    clock: tools.clock,
    newId: tools.newId,
    world: { ...REAL_WORLD, route: world.route },
    smtpCa: world.ca,
    notice: () => {},
    console: { write: () => {}, colour: false },
    onSigning: () => {},
    isDrill: false,
  })
  if (!opened.ok) throw new Error(opened.problems.join('; '))
  const { reporter } = opened.settings
  if (reporter === null) throw new Error('no reporter')
  return { ...opened.settings, reporter }
}
