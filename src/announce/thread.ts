import { sha256 } from '../lib/sha256.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Finding, FindingCode } from '../model/finding.ts'
import type { ThreadId } from '../model/incident.ts'
import type { ReportedFailure } from '../model/report-window.ts'

/** Problems that lie in the subject itself, whichever domain uses it. */
const OF_THE_SUBJECT: ReadonlySet<FindingCode> = new Set([
  'mx.target.unresolvable',
  'mx.target.alias',
  'mx.address.private',
  'mx.host.unreachable',
  'mx.host.refuses-monitor',
  'mx.starttls.missing',
  'mx.starttls.refused',
  'mx.starttls.injection',
  'mx.tls.failed',
  'mx.certificate.expired',
  'mx.certificate.expiring',
  'mx.certificate.name-mismatch',
  'mx.certificate.untrusted',
  'mx.certificate.missing-intermediate',
  'mx.certificate.differs-by-address',
  'dane.rollover.too-early',
  'dane.rollover.old-record-gone-early',
  'dane.rollover.stalled',
  'mx.certificate.not-reloaded',
  'mx.certificate.key-types-differ',
  'mx.face.certificate-expired',
  'dane.anchor.renewal-breaks',
  'tlsrpt.rua.undeliverable',
  'tlsrpt.reported.unknown-address',
  'tlsrpt.reporter.silent',
])

/**
 * The subject that other domains may share with this finding, to look for an open conversation about it
 * (`IncidentStore.openThread`); null when the problem is the domain's own.
 */
export function sharedSubject(finding: Finding): string | null {
  const { code, subject } = finding
  if (code === 'tlsrpt.reported.failures') return isOfTheHost(finding.evidence.failure) ? subject : null
  return OF_THE_SUBJECT.has(code) ? subject : null
}

/** What senders meet at the host itself; a policy that they cannot get or that does not list the host is the domain's. */
function isOfTheHost({ resultType, mx }: ReportedFailure): boolean {
  return mx !== null && /^(?:starttls|certificate|tlsa|dnssec|dane)-/.test(resultType ?? '')
}

/**
 * Names the conversation about a shared subject when none is open yet; null for a problem of one domain. The name is
 * the same for every domain that meets it on the same UTC day, so that checks running side by side agree on it.
 */
export function sharedThread(finding: Finding, at: UnixMs): ThreadId | null {
  const subject = sharedSubject(finding)
  if (subject === null) return null
  const day = Math.floor(at / DAY_MS)
  return `thr_${sha256(JSON.stringify([finding.code, subject, day])).slice(0, 12)}` as ThreadId
}
