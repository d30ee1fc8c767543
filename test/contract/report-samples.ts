/** Mails and TLS reports for tests of a Store: one signed by google.example by default, any field replaced. */
import { sha256 } from '../../src/lib/sha256.ts'
import { DAY_MS, type UnixMs } from '../../src/lib/time.ts'
import type { Attribution, Authenticity, ReceivedReport, ReportId } from '../../src/model/received-report.ts'
import { reportContentSha256, reportIdentity } from '../../src/model/report-identity.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { PolicyResult, TlsReport } from '../../src/protocol/tlsrpt/report.ts'
import type { MailboxPlace, MailCommit, MailVerdict, NewReport } from '../../src/store/report-store.ts'
import { DOMAIN } from './store-samples.ts'

export const PLACE: MailboxPlace = { account: 'tls@mail.example:993', folder: 'INBOX', uidValidity: '7' }
export const GOOGLE = 'google.example' as DomainName

/** Midnight UTC of the n-th day. */
export function day(n: number): UnixMs {
  return Date.UTC(2026, 10, 1) + n * DAY_MS
}

export function signedBy(signer: string): Authenticity {
  return { trust: 'verified', signer: signer as DomainName, selector: 's1' }
}

export function claimedBy(claimed: string | null): Authenticity {
  return {
    trust: 'unverified',
    claimed: claimed as DomainName | null,
    because: 'unsigned',
    detail: 'no DKIM',
  }
}

export function policy(replaced: Partial<PolicyResult> = {}): PolicyResult {
  return {
    policyType: 'sts',
    policyString: ['version: STSv1', 'mode: enforce'],
    policyDomain: DOMAIN,
    mxHostPatterns: ['mx1.example.com'],
    successfulSessions: 10,
    failedSessions: 0,
    failureDetails: [],
    ...replaced,
  }
}

export function tlsReport(n: number, replaced: Partial<TlsReport> = {}): TlsReport {
  return {
    organizationName: 'Google',
    startAt: day(n),
    endAt: day(n + 1) - 1_000,
    contactInfo: 'tls@google.example',
    reportId: `report-${n}`,
    policies: [policy()],
    ...replaced,
  }
}

let ids = 0

/** With the identity and content hash that belong to it, arriving at noon of the day after its own. */
export function newReport(
  report: TlsReport = tlsReport(0),
  authenticity: Authenticity = signedBy(GOOGLE),
  replaced: Partial<NewReport> = {},
): NewReport {
  ids += 1
  const dayAt = Math.floor((report.startAt ?? 0) / DAY_MS) * DAY_MS
  return {
    id: `rep_${String(ids).padStart(8, '0')}` as ReportId,
    identity: reportIdentity(authenticity, report),
    contentSha256: reportContentSha256(report),
    rawSha256: sha256('raw'),
    receivedAt: dayAt + 1.5 * DAY_MS,
    source: { via: 'imap', ...PLACE, uid: 1 },
    authenticity,
    report,
    attributions: report.policies.map((one) => attribution(dayAt, one)),
    otherPolicies: 0,
    isOfLargeSender: false,
    deviations: [],
    ...replaced,
  }
}

function attribution(dayAt: UnixMs, { policyType, policyDomain }: PolicyResult): Attribution {
  return policyType === 'tlsa'
    ? { domain: DOMAIN, mx: policyDomain, dayAt }
    : { domain: policyDomain, mx: null, dayAt }
}

/** What the store gives back of a report: how it stands, and nothing that only decided whether it is kept. */
export function asKept(
  { isOfLargeSender: _, ...report }: NewReport,
  standing: ReceivedReport['standing'],
): ReceivedReport {
  return { ...report, standing }
}

/** A mail with these reports, or what else became of it. */
export function mail(
  uid: number,
  content: MailVerdict | NewReport | readonly NewReport[],
  replaced: Partial<MailCommit> = {},
): MailCommit {
  const verdict = verdictOf(content)
  const [first] = verdict.kind === 'reports' ? verdict.reports : []
  return {
    key: { kind: 'imap', place: PLACE, uid },
    rawSha256: first?.rawSha256 ?? sha256(`raw ${uid}`),
    sizeBytes: 5_000 + uid,
    receivedAt: first?.receivedAt ?? day(1),
    messageId: `<${uid}@google.example>`,
    from: 'Google <tls@google.example>',
    subject: `mail ${uid}`,
    verdict,
    raw: null,
    ...replaced,
  }
}

function verdictOf(content: MailVerdict | NewReport | readonly NewReport[]): MailVerdict {
  if ('kind' in content) return content
  return { kind: 'reports', reports: 'identity' in content ? [content] : content }
}
