import type { Finding, FindingCode } from '../model/finding.ts'
import { explainsFailure } from '../model/reported-cause.ts'

/** A milder state that the graver one of the same subject has grown out of: told as one story (R68). */
const GROWS_INTO: { readonly [C in FindingCode]?: FindingCode } = {
  'mx.certificate.expiring': 'mx.certificate.expired',
  'policy-host.certificate.expiring': 'policy-host.certificate.expired',
}

/**
 * Is this finding explained by a graver one of the same look? Its incident then rests: an expired certificate no
 * longer "expires", and yet nobody shall read that the expiry was resolved. What senders reported and our own look now
 * finds is such a case too.
 */
export function isExplained(finding: Finding, findings: readonly Finding[]): boolean {
  return findings.some((graver) => growsInto(finding, graver))
}

export function growsInto(milder: Finding, graver: Finding): boolean {
  if (milder.code === 'tlsrpt.reported.failures') {
    return milder.domain === graver.domain && explainsFailure(graver, milder.evidence.failure)
  }
  return (
    GROWS_INTO[milder.code] === graver.code &&
    milder.domain === graver.domain &&
    milder.subject === graver.subject
  )
}
