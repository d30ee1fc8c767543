import type { UnixMs } from '../lib/time.ts'
import type { ReportedPolicy } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'

/** More sessions of one policy on one day than anybody has: not believed (reliability §6.1). */
export const MAX_PLAUSIBLE_SESSIONS = 10 ** 9

/** The sessions that one reporter had with one domain on one UTC day. */
export interface SessionCount {
  readonly reporter: DomainName
  /** Midnight UTC. */
  readonly dayAt: UnixMs
  readonly successfulSessions: number
  readonly failedSessions: number
  /** True when policies with impossible counts were left out. */
  readonly implausible: boolean
}

/**
 * Sessions per day and reporter, by day, then reporter; each counted once. Within a report, policies of one type add up: they
 * are about different hosts or different versions. Those of different types tell the same sessions again (Microsoft:
 * sts and tlsa), so the type with the most sessions says how many there were, and the one with the most failures how many
 * of these failed. Several reports of a day add up. `policies`: all of one domain, of reports that count.
 */
export function sessionCounts(policies: readonly ReportedPolicy[]): readonly SessionCount[] {
  const days = Map.groupBy(
    policies,
    ({ dayAt, reporter }) => `${String(dayAt).padStart(16, '0')} ${reporter}`,
  )
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, ofDay]) => countDay(ofDay))
}

function countDay(policies: readonly ReportedPolicy[]): readonly SessionCount[] {
  const [first] = policies
  if (first === undefined) return []
  const plausible = policies.filter(isPlausible)
  const reports = [...Map.groupBy(plausible, ({ report }) => report).values()].map(countReport)
  return [
    {
      reporter: first.reporter,
      dayAt: first.dayAt,
      successfulSessions: addCounts(reports.map(({ successful }) => successful)),
      failedSessions: addCounts(reports.map(({ failed }) => failed)),
      implausible: plausible.length < policies.length,
    },
  ]
}

/** Are its counts such as somebody may have? */
export function isPlausible({ policy }: ReportedPolicy): boolean {
  return (
    policy.successfulSessions <= MAX_PLAUSIBLE_SESSIONS && policy.failedSessions <= MAX_PLAUSIBLE_SESSIONS
  )
}

function countReport(policies: readonly ReportedPolicy[]): {
  readonly successful: number
  readonly failed: number
} {
  const types = [...Map.groupBy(policies, ({ policy }) => policy.policyType).values()].map((ofType) => ({
    successful: addCounts(ofType.map(({ policy }) => policy.successfulSessions)),
    failed: addCounts(ofType.map(({ policy }) => policy.failedSessions)),
  }))
  const sessions = Math.max(...types.map(({ successful, failed }) => addCounts([successful, failed])))
  const failed = Math.max(...types.map((type) => type.failed))
  return { successful: sessions - failed, failed }
}
