import type { FailureDetail, PolicyResult } from '../protocol/tlsrpt/report.ts'
import type { ReadReport } from './intake.ts'

/**
 * Reports as a flat list, so that it can be cut anywhere: a report without its policies, then each policy without its
 * details, then each detail.
 */
export type ReportUnit =
  | { readonly report: ReadReport }
  | { readonly policy: PolicyResult }
  | { readonly detail: FailureDetail }

export function* reportUnits(reports: readonly ReadReport[]): Generator<ReportUnit, void> {
  for (const { report, hints } of reports) {
    yield { report: { report: { ...report, policies: [] }, hints } }
    for (const policy of report.policies) {
      yield { policy: { ...policy, failureDetails: [] } }
      for (const detail of policy.failureDetails) yield { detail }
    }
  }
}

/** How many units the reports make. */
export function countUnits(reports: readonly ReadReport[]): number {
  let units = reports.length
  for (const { report } of reports) {
    units += report.policies.length
    for (const { failureDetails } of report.policies) units += failureDetails.length
  }
  return units
}

export interface UnitCollector {
  add(units: readonly ReportUnit[]): void
  /** The reports as they were; nothing may be added afterwards. */
  reports(): readonly ReadReport[]
}

export function collectUnits(): UnitCollector {
  const collected: ReadReport[] = []
  let policies: PolicyResult[] = []
  let details: FailureDetail[] = []
  return {
    add: (units) => {
      for (const unit of units) {
        if ('detail' in unit) details.push(unit.detail)
        else if ('policy' in unit) {
          details = []
          policies.push({ ...unit.policy, failureDetails: details })
        } else {
          policies = []
          const { report, hints } = unit.report
          collected.push({ report: { ...report, policies }, hints })
        }
      }
    },
    reports: () => collected,
  }
}
