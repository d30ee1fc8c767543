import { attributePolicies, type WatchedNames } from '../check/attribution.ts'
import { isLargeSender } from '../check/known-senders.ts'
import type { NewId } from '../lib/id.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { IntakeResult, ReadReport } from '../mailbox/intake.ts'
import { CANARY_DOMAIN } from '../model/canary.ts'
import type { Authenticity, ReportId, ReportSource } from '../model/received-report.ts'
import { reportContentSha256, reportIdentity } from '../model/report-identity.ts'
import type { MailVerdict, NewReport } from '../store/report-store.ts'

/** What is known about a mail or file beside its content. */
export interface VerdictContext {
  readonly now: UnixMs
  readonly receivedAt: UnixMs
  readonly rawSha256: string
  readonly source: ReportSource
  readonly watched: WatchedNames
  readonly newId: NewId
}

/** R49: so long is a key looked up again that could not be. */
export const POSTPONE_FOR_MS = 72 * HOUR_MS
const FIRST_RETRY_MS = 10 * MINUTE_MS
const LONGEST_RETRY_MS = 6 * HOUR_MS

/**
 * What becomes of a mail or file: its reports that concern a watched domain, or why there are none. A report that cannot
 * be placed is rejected with the reason of its attribution (S19); what could not be judged for 72 hours, as
 * `key-unavailable`.
 */
export function mailVerdict(result: IntakeResult, context: VerdictContext): MailVerdict {
  switch (result.kind) {
    case 'reports':
      return reportsVerdict(result, context)
    case 'postponed':
      return postponed(result.detail, context)
    case 'rejected':
    case 'not-a-report':
      return result
  }
}

function reportsVerdict(
  { reports, authenticity, deviations }: Extract<IntakeResult, { readonly kind: 'reports' }>,
  context: VerdictContext,
): MailVerdict {
  const { receivedAt, rawSha256, source } = context
  const canary = canaryOf(reports)
  if (canary !== null) return canaryVerdict(canary, authenticity, context)
  const placed = reports.map((read) => ({ whole: read.report, reading: attributed(read, context) }))
  const concerning = placed.flatMap(({ whole, reading }) =>
    reading.outcome === 'attributed' ? [{ whole, reading }] : [],
  )
  if (concerning.length === 0) {
    const refused = placed.find(({ reading }) => reading.outcome === 'refused')?.reading
    const reason = refused?.outcome === 'refused' ? refused.reason : 'no-report'
    return { kind: 'rejected', reason, deviations }
  }
  return {
    kind: 'reports',
    reports: concerning.map(
      ({ whole, reading }, index): NewReport => ({
        id: context.newId('rep') as ReportId,
        // Of the whole: a domain more on the watch list does not make another report of it.
        identity: reportIdentity(authenticity, whole),
        contentSha256: reportContentSha256(whole),
        rawSha256,
        receivedAt,
        source,
        authenticity,
        report: reading.report,
        attributions: reading.attributions,
        otherPolicies: reading.otherPolicies,
        isOfLargeSender: authenticity.trust !== 'unverified' && isLargeSender(authenticity.signer),
        // They were noted for the mail as a whole, and are counted once.
        deviations: index === 0 ? deviations : [],
      }),
    ),
  }
}

/** The id of a canary; null for a report that says something. */
function canaryOf(reports: readonly ReadReport[]): string | null {
  const [first, ...others] = reports
  if (first === undefined || others.length > 0) return null
  const { policies, reportId } = first.report
  const isMarked = policies.length > 0 && policies.every(({ policyDomain }) => policyDomain === CANARY_DOMAIN)
  return isMarked ? (reportId ?? '') : null
}

/** Only what came by mail has come the way that a canary tries. */
function canaryVerdict(
  reportId: string,
  authenticity: Authenticity,
  { source, now: readAt }: VerdictContext,
): MailVerdict {
  return source.via === 'imap'
    ? { kind: 'canary', reportId, authenticity, readAt }
    : { kind: 'not-a-report', reason: 'canary' }
}

/** An archive is old by its nature: what comes as a file is held against its own end, not against today (S23). */
function attributed({ report, hints }: ReadReport, { receivedAt, source, watched }: VerdictContext) {
  const endAt = report.endAt ?? hints.endAt ?? receivedAt
  const at = source.via === 'file' ? Math.min(receivedAt, endAt) : receivedAt
  return attributePolicies(report, hints, watched, at)
}

function postponed(detail: string, { now, receivedAt }: VerdictContext): MailVerdict {
  const age = Math.max(0, now - receivedAt)
  if (age >= POSTPONE_FOR_MS) return { kind: 'rejected', reason: 'key-unavailable', deviations: [] }
  // An hour's trouble is looked at every ten minutes, a day's every three hours.
  const wait = Math.min(Math.max(age / 8, FIRST_RETRY_MS), LONGEST_RETRY_MS)
  return { kind: 'postponed', reason: detail, until: now + wait }
}
