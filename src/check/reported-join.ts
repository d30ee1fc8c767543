import type { Finding } from '../model/finding.ts'
import type { ReportedFailure } from '../model/report-window.ts'
import { explainsFailure, type FailureKind } from '../model/reported-cause.ts'
import type { Facts } from './facts.ts'
import { isFresh, kindName } from './reported-days.ts'
import { reportedFailure, runOfDays } from './reported-failure.ts'

/** How many kinds of failure are held against one finding. */
const MOST_KINDS = 5

/**
 * Our own findings, each with what TLS reports of the last three days say of the same thing: a single session is enough,
 * and so is a reporter that nobody knows, marked as such, because the finding does not rest on it.
 */
export function joinReported(findings: readonly Finding[], facts: Facts): readonly Finding[] {
  const reported = recentFailures(facts)
  if (reported.length === 0) return findings
  return findings.map((finding) => {
    const same = reported.filter((failure) => explainsFailure(finding, failure))
    return same.length === 0 ? finding : { ...finding, reported: same.slice(0, MOST_KINDS) }
  })
}

function recentFailures({ reported, now }: Facts): readonly ReportedFailure[] {
  const days = new Map([...reported.all].filter(([dayAt]) => isFresh(dayAt, now)))
  const newest = new Map<string, { readonly kind: FailureKind; readonly dayAt: number }>()
  for (const [dayAt, list] of days) {
    for (const kind of list.flatMap(({ failures }) => [...failures.values()]))
      newest.set(kindName(kind), { kind, dayAt })
  }
  return [...newest.values()]
    .map(({ kind, dayAt }) => reportedFailure(kind, runOfDays(kind, dayAt, days), days, 'confirmed'))
    .toSorted((one, other) => failedSessions(other) - failedSessions(one))
}

function failedSessions({ reporters }: ReportedFailure): number {
  return reporters.reduce((total, one) => total + one.failedSessions, 0)
}
