import type { LookRecord, ReportedTally, SeenPolicy, SummaryInput } from '../announce/summary-input.ts'
import { DAYS_BEFORE } from '../announce/summary-sessions.ts'
import { weeklySummary } from '../announce/weekly-summary.ts'
import type { DomainPolicy } from '../check/sender-summary.ts'
import { sessionCounts } from '../check/session-counts.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { MailClass } from '../model/received-report.ts'
import type { SummaryPeriod, WeeklySummary } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'
import type { Store, StoreView } from '../store/store.ts'
import { RiskTally } from './risk-tally.ts'

/**
 * The summary of a period from what is remembered, all of it as it stood at one instant (R72). Reports are read a day at a
 * time, so that their number costs no memory.
 */
export async function collectSummary(
  store: Pick<Store, 'view'>,
  { domains, timezone }: Pick<WatchConfig, 'domains' | 'timezone'>,
  period: SummaryPeriod,
  at: UnixMs,
): Promise<WeeklySummary> {
  const names = domains.map(({ name }) => name)
  return weeklySummary(await store.view((view) => gather(view, { period, at, timezone, domains: names })))
}

async function gather(
  { summaries, reports }: StoreView,
  asked: Pick<SummaryInput, 'period' | 'at' | 'timezone' | 'domains'>,
): Promise<SummaryInput> {
  const { period } = asked
  const { startAt, endAt, firstDayAt, endDayAt } = period
  const watched = new Set(asked.domains)
  const looks = await summaries.looks(firstDayAt, endDayAt)
  const policies = await summaries.policies()
  const seen = await Array.fromAsync(summaries.certificates())
  const certificates = seen.filter(({ domain }) => watched.has(domain))
  const modes = new Map(
    policies.map(({ domain, mode, horizonAt }) => [domain, horizonAt > asked.at ? mode : 'none'] as const),
  )
  const risks = new RiskTally(certificates, modes, asked)
  const reported = await tally(reports, period, risks)
  return {
    ...asked,
    incidents: await Array.fromAsync(summaries.incidents(startAt)),
    changes: await Array.fromAsync(summaries.changes(startAt, endAt)),
    looks: new Map(looks.map((look): [DomainName, LookRecord] => [look.domain, look])),
    certificates,
    atRisk: await risks.result(reports),
    policies: new Map(policies.map((policy): [DomainName, SeenPolicy] => [policy.domain, policy])),
    reported,
    mails: { ...NO_MAILS, ...Object.fromEntries(await summaries.mails(startAt, endAt)) },
    down: await summaries.downtimes(startAt, endAt),
    undelivered: await summaries.undelivered(startAt),
    canaries: await summaries.canaries(startAt, endAt),
    ownReports: await summaries.ownReports(firstDayAt, endDayAt),
  }
}

const NO_MAILS: Readonly<Record<MailClass, number>> = {
  accepted: 0,
  duplicate: 0,
  conflict: 0,
  quarantined: 0,
  rejected: 0,
  'not-a-report': 0,
  postponed: 0,
}

async function tally(
  reports: StoreView['reports'],
  { firstDayAt, endDayAt }: SummaryPeriod,
  risks: RiskTally,
): Promise<ReportedTally> {
  const sum = new Tally(firstDayAt)
  let day: DomainPolicy[] = []
  for await (const policy of reports.policiesSince(firstDayAt - DAYS_BEFORE * DAY_MS)) {
    if (policy.dayAt >= endDayAt) break
    if (day[0] !== undefined && day[0].dayAt !== policy.dayAt) {
      sum.addDay(day)
      risks.addDay(day)
      day = []
    }
    day.push(policy)
  }
  sum.addDay(day)
  risks.addDay(day)
  return sum.result()
}

/** Adds up what reports say, a UTC day at a time. */
class Tally {
  readonly #firstDayAt: UnixMs
  readonly #days: ReportedTally['days'][number][] = []
  readonly #ofDomains = new Map<DomainName, { readonly sessions: number; readonly failedSessions: number }>()
  readonly #failures = new Map<string, ReportedTally['failures'][number]>()

  constructor(firstDayAt: UnixMs) {
    this.#firstDayAt = firstDayAt
  }

  /** `policies`: all of one day. */
  addDay(policies: readonly DomainPolicy[]): void {
    const [first] = policies
    if (first === undefined) return
    const { dayAt } = first
    const inPeriod = dayAt >= this.#firstDayAt
    const ofReporters = new Map<DomainName, { sessions: number; failedSessions: number }>()
    // A host that several watched domains share stands for itself.
    for (const own of Map.groupBy(policies, ({ domain, mx }) => domain ?? `host ${mx}`).values()) {
      const domain = own[0]?.domain ?? null
      for (const { reporter, successfulSessions, failedSessions } of sessionCounts(own)) {
        const count = { sessions: addCounts([successfulSessions, failedSessions]), failedSessions }
        ofReporters.set(reporter, added(ofReporters.get(reporter), count))
        if (inPeriod && domain !== null)
          this.#ofDomains.set(domain, added(this.#ofDomains.get(domain), count))
      }
    }
    for (const [reporter, count] of ofReporters) this.#days.push({ reporter, dayAt, ...count })
    if (inPeriod) for (const policy of policies) this.#addFailures(policy)
  }

  result(): ReportedTally {
    return { days: this.#days, ofDomains: this.#ofDomains, failures: [...this.#failures.values()] }
  }

  #addFailures({ reporter, policy }: DomainPolicy): void {
    for (const { resultType, failedSessions } of policy.failureDetails) {
      const key = JSON.stringify([reporter, resultType])
      const known = this.#failures.get(key)?.sessions ?? 0
      this.#failures.set(key, { reporter, resultType, sessions: addCounts([known, failedSessions]) })
    }
  }
}

function added(
  known: { readonly sessions: number; readonly failedSessions: number } | undefined,
  more: { readonly sessions: number; readonly failedSessions: number },
) {
  if (known === undefined) return more
  return {
    sessions: addCounts([known.sessions, more.sessions]),
    failedSessions: addCounts([known.failedSessions, more.failedSessions]),
  }
}
