import type { Incident } from '../model/incident.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { DomainState } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { describe } from './describe.ts'
import { riskOf } from './risk-words.ts'
import { isDue } from './summary-due.ts'
import { openedAt, rank, resolvedAt } from './summary-incidents.ts'
import type { SummaryInput } from './summary-input.ts'

/** How every domain stands, those that need hands first. */
export function domainStates(input: SummaryInput): readonly DomainState[] {
  const open = Map.groupBy(
    input.incidents.filter((incident) => incident.domain !== null && resolvedAt(incident) === null),
    ({ domain }) => domain,
  )
  const certificates = Map.groupBy(input.certificates, ({ domain }) => domain)
  return input.domains
    .map((domain) => stateOf(domain, open.get(domain) ?? [], certificates.get(domain) ?? [], input))
    .sort((a, b) => urgency(b) - urgency(a) || (a.domain < b.domain ? -1 : 1))
}

function stateOf(
  domain: DomainName,
  open: readonly Incident[],
  certificates: SummaryInput['certificates'],
  { looks, policies, reported, atRisk, at, timezone }: SummaryInput,
): DomainState {
  const worst = worstOf(open)
  const record = looks.get(domain)
  const policy = policies.get(domain)
  const soonest = certificates.reduce<(typeof certificates)[number] | null>(
    (first, next) => (first === null || next.notAfterAt < first.notAfterAt ? next : first),
    null,
  )
  const sessions = reported.ofDomains.get(domain) ?? { sessions: 0, failedSessions: 0 }
  return {
    domain,
    state: record === undefined ? 'unseen' : (worst?.state ?? 'well'),
    needsHands:
      (worst !== null && worst.state !== 'info' && worst.state !== 'undecided') ||
      certificates.some((certificate) => isDue(certificate, at)),
    openIncidents: open.length,
    problem: worst === null ? null : describe(worst.incident.latest, { timezone, now: at }).title,
    since: worst === null ? null : openedAt(worst.incident),
    policyMode: policy !== undefined && policy.horizonAt > at ? policy.mode : null,
    certificate: soonest === null ? null : { host: soonest.host, endsAt: soonest.notAfterAt },
    ...sessions,
    atRisk: greatest([
      ...open.map(({ latest }) => riskOf(latest)),
      ...certificates.map(({ host, role }) => (role === 'mx' ? (atRisk.get(host) ?? null) : null)),
    ]),
    looks: record?.looks ?? 0,
    undecidedLooks: record?.undecided ?? 0,
    lastLookAt: record?.lastLookAt ?? null,
  }
}

/** Of several risks the one that concerns the largest share. */
function greatest(risks: readonly (MailAtRisk | null)[]): MailAtRisk | null {
  const share = ({ atRisk, sessions }: MailAtRisk) => atRisk / sessions
  return risks.reduce(
    (most, risk) => (risk !== null && (most === null || share(risk) > share(most)) ? risk : most),
    null,
  )
}

/** That we could not find out is the worst only when nothing else is known to be wrong. */
function worstOf(
  open: readonly Incident[],
): { readonly state: DomainState['state']; readonly incident: Incident } | null {
  const [worst] = open.toSorted((a, b) => weight(b) - weight(a) || openedAt(a) - openedAt(b))
  if (worst === undefined) return null
  return { state: isUndecided(worst) ? 'undecided' : worst.latest.severity, incident: worst }
}

/** A domain that nobody who validates can resolve is more than unknown: that is critical. */
function isUndecided({ latest }: Incident): boolean {
  return latest.code === 'domain.undecided' && latest.severity !== 'critical'
}

/** Above a remark, below a warning. */
const UNDECIDED_WEIGHT = 0.5

function weight(incident: Incident): number {
  return isUndecided(incident) ? UNDECIDED_WEIGHT : rank(incident.latest.severity)
}

const URGENCY: Readonly<Record<DomainState['state'], number>> = {
  critical: 5,
  warning: 4,
  undecided: 3,
  unseen: 2,
  info: 1,
  well: 0,
}

function urgency({ state, needsHands }: DomainState): number {
  return URGENCY[state] + (needsHands ? 10 : 0)
}
