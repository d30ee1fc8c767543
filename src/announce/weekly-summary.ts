import type { Change } from '../model/change.ts'
import type { ChangesOfPeriod, WeeklySummary } from '../model/weekly-summary.ts'
import { listed } from './listed.ts'
import { domainStates } from './summary-domains.ts'
import { certificateEnds, dueItems } from './summary-due.ts'
import { incidentsOfPeriod } from './summary-incidents.ts'
import type { SummaryInput } from './summary-input.ts'
import { monitorRecord } from './summary-monitor.ts'
import { reportedSessions } from './summary-sessions.ts'

const DUE_MAX = 20
const CERTIFICATES_MAX = 10
const CHANGES_MAX = 15
const NAMES_MAX = 3

/** Puts a summary together: is everything fine, what happened, what comes, how well did we see (R72, R86). */
export function weeklySummary(input: SummaryInput): WeeklySummary {
  const { period, at, timezone, mails, reported } = input
  const ofDomains = input.incidents.filter(({ domain }) => domain !== null)
  const own = input.incidents.filter(({ domain }) => domain === null)
  const ends = certificateEnds(input.certificates, input.atRisk, at)
  return {
    period,
    at,
    timezone,
    domains: domainStates(input),
    incidents: incidentsOfPeriod(ofDomains, period, input),
    changes: changesOfPeriod(input.changes),
    due: listed(dueItems(ends, ofDomains, at), DUE_MAX),
    certificates: listed(ends, CERTIFICATES_MAX),
    reports: reportedSessions(reported, period),
    mails,
    monitor: monitorRecord(own, input),
  }
}

/** What changed in the same words at many domains is told once. */
function changesOfPeriod(changes: readonly Change[]): ChangesOfPeriod {
  const notable = changes.filter((change) => change.notable)
  const alike = Map.groupBy(notable, ({ part, summary }) => `${part} ${summary}`)
  const groups = [...alike.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const domains = listed([...new Set(same.map(({ domain }) => domain))], NAMES_MAX)
    return [{ at: first.at, summary: first.summary, domains }]
  })
  return { notable: listed(groups, CHANGES_MAX), others: changes.length - notable.length }
}
