import { canonicalJson } from '../lib/canonical-json.ts'
import { sha256 } from '../lib/sha256.ts'
import type { TlsReport } from '../protocol/tlsrpt/report.ts'
import type { Authenticity } from './received-report.ts'

/**
 * The same again is the same report (R46): SHA-256 over who answers for it, its report-id, its range and what its policies
 * are about. The same report-id with another day or domain is another report. Nobody's word is as good as a signature:
 * what a sender only claims never has the identity of what it signed. Give it the report as it was read, before the policies
 * of others are left out, or a changed watch list would make another report of it.
 */
export function reportIdentity(authenticity: Authenticity, report: TlsReport): string {
  const who =
    authenticity.trust === 'unverified'
      ? ['claimed', authenticity.claimed]
      : // A border that vouches for a signature speaks of the same signer.
        ['signed', authenticity.signer]
  const policies = report.policies
    .map(({ policyDomain, policyType }) => canonicalJson([policyDomain, policyType]))
    .sort()
  const { reportId, startAt, endAt } = report
  return sha256(canonicalJson({ who, reportId, startAt, endAt, policies: [...new Set(policies)] }))
}

/** SHA-256 of everything that was read: of two reports with one identity it tells a repeat from a revision. */
export function reportContentSha256(report: TlsReport): string {
  return sha256(canonicalJson(report))
}
