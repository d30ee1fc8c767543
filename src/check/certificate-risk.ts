import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type EnforcingCount, shareAtRisk } from './enforcing-sessions.ts'
import type { PolicyMode } from './severity.ts'

/** Certificates of one renewal end together, if not at the same minute. */
const TOGETHER_MS = DAY_MS

/** The certificate of an MX host of a domain. */
export interface EndingCertificate {
  readonly domain: DomainName
  readonly host: string
  readonly endsAt: UnixMs
}

/** What is reported of a domain, and the mode of its MTA-STS policy. */
export interface DomainRisk {
  readonly mode: PolicyMode
  readonly counts: readonly EnforcingCount[]
}

/**
 * How much of the reported mail rests on the certificate of each MX host, by host. The sessions of several domains add up; when
 * only some of the domains have another MX host whose certificate lasts longer, those that have none count. `certificates`:
 * of all MX hosts of the domains in `risks`.
 */
export function certificateRisks(
  certificates: readonly EndingCertificate[],
  risks: ReadonlyMap<DomainName, DomainRisk>,
): ReadonlyMap<string, MailAtRisk> {
  const ofDomains = Map.groupBy(certificates, ({ domain }) => domain)
  const shares = [...Map.groupBy(certificates, ({ host }) => host)].map(([host, own]) => {
    const effects = Map.groupBy(own, (one) => effectOf(one, ofDomains.get(one.domain) ?? [], risks))
    for (const effect of ['defer', 'other-host', 'report-only'] as const) {
      const counts = (effects.get(effect) ?? []).flatMap(({ domain }) => risks.get(domain)?.counts ?? [])
      const share = shareAtRisk(counts, effect)
      if (share !== null) return [host, share] as const
    }
    return null
  })
  return new Map(shares.filter((share) => share !== null))
}

function effectOf(
  { domain, host, endsAt }: EndingCertificate,
  all: readonly EndingCertificate[],
  risks: ReadonlyMap<DomainName, DomainRisk>,
): MailAtRisk['effect'] | null {
  const mode = risks.get(domain)?.mode ?? 'none'
  if (mode === 'none') return null
  if (mode === 'testing') return 'report-only'
  const isLast = all.every((other) => other.host === host || other.endsAt <= endsAt + TOGETHER_MS)
  return isLast ? 'defer' : 'other-host'
}
