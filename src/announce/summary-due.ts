import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { CertificateEnd, DueItem } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { listed } from './listed.ts'
import { resolvedAt } from './summary-incidents.ts'
import type { SeenCertificate } from './summary-input.ts'

/** How far ahead a summary looks. */
export const DUE_WITHIN_MS = 30 * DAY_MS
/** What renews itself has done so by then. */
const LAST_SHARE = 0.25
const NAMES_MAX = 3

/** Should a person look after this certificate? */
export function isDue({ notBeforeAt, notAfterAt }: SeenCertificate, at: UnixMs): boolean {
  const left = notAfterAt - at
  return left <= DUE_WITHIN_MS && left <= LAST_SHARE * (notAfterAt - notBeforeAt)
}

/** One entry a host, the one that ends first before the others. */
export function certificateEnds(
  certificates: readonly SeenCertificate[],
  atRisk: ReadonlyMap<string, MailAtRisk>,
  at: UnixMs,
): readonly CertificateEnd[] {
  return [...Map.groupBy(certificates, ({ host, role }) => `${role} ${host}`).values()]
    .flatMap((same) => {
      const first = same.reduce((soonest, next) => (next.notAfterAt < soonest.notAfterAt ? next : soonest))
      const domains = [...new Set(same.map(({ domain }) => domain))].sort()
      return {
        host: first.host,
        role: first.role,
        endsAt: first.notAfterAt,
        isDue: isDue(first, at),
        hasTlsa: same.some(({ hasTlsa }) => hasTlsa),
        domains: listed(domains, NAMES_MAX),
        atRisk: first.role === 'mx' ? (atRisk.get(first.host) ?? null) : null,
      }
    })
    .sort((a, b) => a.endsAt - b.endsAt || (a.host < b.host ? -1 : 1))
}

/** What ends within 30 days and would not be seen to by itself, the soonest first. */
export function dueItems(
  ends: readonly CertificateEnd[],
  incidents: readonly Incident[],
  at: UnixMs,
): readonly DueItem[] {
  const certificates = ends
    .filter((end) => end.isDue)
    .map((end) => ({ kind: 'certificate', ...end }) as const)
  return [...certificates, ...cachedPolicies(incidents, at)].sort((a, b) => a.endsAt - b.endsAt)
}

/** Policies that nobody can fetch any more and that senders go on with for a while (RFC 8461 §5.1). */
function cachedPolicies(incidents: readonly Incident[], at: UnixMs): readonly DueItem[] {
  const last = new Map<DomainName, UnixMs>()
  for (const incident of incidents) {
    const until = resolvedAt(incident) === null ? cachedUntil(incident) : null
    const { domain } = incident
    if (domain === null || until === null || until <= at || until - at > DUE_WITHIN_MS) continue
    last.set(domain, Math.max(until, last.get(domain) ?? 0))
  }
  return [...Map.groupBy(last, ([, until]) => Math.floor(until / DAY_MS)).values()].map((same) => ({
    kind: 'cached-policy',
    endsAt: Math.min(...same.map(([, until]) => until)),
    domains: listed(same.map(([domain]) => domain).sort(), NAMES_MAX),
  }))
}

function cachedUntil({ latest }: Incident): UnixMs | null {
  switch (latest.code) {
    case 'mta-sts.record.missing':
    case 'mta-sts.record.invalid':
    case 'mta-sts.record.multiple':
    case 'mta-sts.policy.unfetchable':
    case 'mta-sts.policy.invalid':
      return latest.evidence.cachedUntil
    default:
      return null
  }
}
