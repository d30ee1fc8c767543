import type { Finding, Undecided } from '../model/finding.ts'

/** Could this finding not be told from the look? Then it neither opens, counts nor resolves (architecture principle 4). */
export function isUndecided(finding: Finding, undecided: readonly Undecided[]): boolean {
  return undecided.some(
    ({ code, domain, subject }) =>
      code === finding.code &&
      domain === finding.domain &&
      (subject === null || subject === 'any' || subject === finding.subject),
  )
}
