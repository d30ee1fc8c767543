import { type Finding, SEVERITIES, type Severity } from '../model/finding.ts'

export function isSeverer(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b)
}

export function severer(a: Severity, b: Severity): Severity {
  return isSeverer(a, b) ? a : b
}

/** A certificate came down a rung of its warning ladder since it was last told: the calendar needs no confirmation. */
export function isRungLower(finding: Finding, told: Finding): boolean {
  const rung = rungOf(finding)
  const toldRung = rungOf(told)
  return rung !== null && toldRung !== null && rung < toldRung
}

function rungOf({ evidence }: Finding): number | null {
  return 'rungDays' in evidence ? evidence.rungDays : null
}
