import type { Severity } from '../model/finding.ts'

export type PolicyMode = 'enforce' | 'testing' | 'none'

/** Severity by the policy that senders apply: enforce, testing, or none at all. */
export function byMode(
  mode: PolicyMode | null,
  enforce: Severity,
  testing: Severity,
  otherwise: Severity,
): Severity {
  if (mode === 'enforce') return enforce
  return mode === 'testing' ? testing : otherwise
}

/** One step down when only some of the addresses have the problem: senders find another one. */
export function forShare(severity: Severity, failing: number, of: number): Severity {
  if (failing >= of) return severity
  return severity === 'critical' ? 'warning' : 'info'
}
