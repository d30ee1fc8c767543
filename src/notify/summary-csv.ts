import { riskOf } from '../announce/risk-words.ts'
import { csvFile } from '../lib/csv.ts'
import type { UnixMs } from '../lib/time.ts'
import type { DomainState, WeeklySummary } from '../model/weekly-summary.ts'
import { displayDomainName } from '../protocol/domain-name.ts'

const COLUMNS = [
  'domain',
  'domain as displayed',
  'state',
  'needs hands',
  'open incidents',
  'problem',
  'since',
  'policy mode',
  'certificate ends',
  'certificate of',
  'sessions reported',
  'sessions failed',
  'share of sessions at risk',
  'what would become of them',
  'looks',
  'looks that left something open',
  'last look',
] as const

/** The state of every domain as a table; instants in UTC. */
export function summaryCsv({ domains }: WeeklySummary): string {
  return csvFile([
    COLUMNS,
    ...domains.map((one) => [
      one.domain,
      displayDomainName(one.domain),
      one.state,
      one.needsHands ? 'yes' : 'no',
      one.openIncidents,
      one.problem,
      instant(one.since),
      one.policyMode,
      instant(one.certificate?.endsAt ?? null),
      one.certificate?.host ?? null,
      one.sessions,
      one.failedSessions,
      shareOf(one),
      riskOf(one)?.effect ?? null,
      one.looks,
      one.undecidedLooks,
      instant(one.lastLookAt),
    ]),
  ])
}

/** 0.54, as reported in two weeks. */
function shareOf(domain: DomainState): number | null {
  const risk = riskOf(domain)
  return risk === null ? null : Math.round((100 * risk.atRisk) / risk.sessions) / 100
}

function instant(at: UnixMs | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
