import { isDue } from '../announce/summary-due.ts'
import type { SeenCertificate, SeenPolicy } from '../announce/summary-input.ts'
import { certificateRisks } from '../check/certificate-risk.ts'
import {
  appliedMode,
  type EnforcingCount,
  enforcingSessions,
  RISK_DAYS,
} from '../check/enforcing-sessions.ts'
import { isKnownReporter } from '../check/known-senders.ts'
import type { DomainPolicy } from '../check/sender-summary.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { SummaryPeriod } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { StoreView } from '../store/store.ts'

/** Adds up what reports say of the domains whose mail host's certificate is due, a UTC day at a time. */
export class RiskTally {
  readonly #certificates: readonly SeenCertificate[]
  readonly #modes: ReadonlyMap<DomainName, SeenPolicy['mode']>
  readonly #sinceDayAt: UnixMs
  readonly #counts = new Map<DomainName, EnforcingCount[]>()

  /** `modes`: of the policy that senders may hold. */
  constructor(
    certificates: readonly SeenCertificate[],
    modes: ReadonlyMap<DomainName, SeenPolicy['mode']>,
    { period, at }: { readonly period: SummaryPeriod; readonly at: UnixMs },
  ) {
    const ofHosts = certificates.filter(({ role }) => role === 'mx')
    const due = new Set(ofHosts.filter((one) => isDue(one, at)).map(({ domain }) => domain))
    this.#certificates = ofHosts.filter(({ domain }) => due.has(domain))
    this.#modes = modes
    this.#sinceDayAt = period.endDayAt - RISK_DAYS * DAY_MS
    for (const domain of due) this.#counts.set(domain, [])
  }

  /** `policies`: all of one day. */
  addDay(policies: readonly DomainPolicy[]): void {
    if (this.#counts.size === 0 || (policies[0]?.dayAt ?? 0) < this.#sinceDayAt) return
    for (const [domain, own] of Map.groupBy(policies, (policy) => policy.domain)) {
      if (domain !== null) this.#counts.get(domain)?.push(...this.#count(domain, own))
    }
  }

  #count(domain: DomainName, own: readonly DomainPolicy[]): readonly EnforcingCount[] {
    const inForce = this.#modes.get(domain) ?? null
    return enforcingSessions(own, (policy) => {
      const applied = appliedMode(policy, inForce)
      return applied === 'enforce' || (inForce === 'testing' && applied === 'testing')
    })
  }

  /** By MX host; of known reporters alone (S20). */
  async result(reports: Pick<StoreView['reports'], 'reporters'>): Promise<ReadonlyMap<string, MailAtRisk>> {
    const names = [...new Set([...this.#counts.values()].flat().map(({ reporter }) => reporter))]
    const histories = names.length === 0 ? new Map() : await reports.reporters(names)
    const risks = [...this.#counts].map(([domain, counts]) => {
      const known = counts.filter(({ reporter }) => isKnownReporter(reporter, histories.get(reporter)))
      return [domain, { mode: this.#modes.get(domain) ?? 'none', counts: known }] as const
    })
    const certificates = this.#certificates.map(({ domain, host, notAfterAt }) => ({
      domain,
      host,
      endsAt: notAfterAt,
    }))
    return certificateRisks(certificates, new Map(risks))
  }
}
