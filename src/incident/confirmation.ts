import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import type { Finding, FindingCode } from '../model/finding.ts'

/** How often a finding must be seen before it is told, and how often be gone before that is told. */
export interface ConfirmationRule {
  /** Looks that must agree, at least 1. */
  readonly sightings: number
  /** A look counts only this long after the last one that counted. */
  readonly sightingSpacingMs: number
  /** From the first counted look to the confirming one, at least. */
  readonly sightingSpanMs: number
  /** Looks without the finding in a row, at least 1. */
  readonly clears: number
  readonly clearSpacingMs: number
}

const TWO_CLEARS = { clears: 2, clearSpacingMs: MINUTE_MS }
// RFC 8461 §3.3: at least five minutes between two attempts to fetch a policy.
const TWO_FETCHED_CLEARS = { clears: 2, clearSpacingMs: 5 * MINUTE_MS }

/** The look itself is proof. */
const AT_ONCE = rule(1, 0, 0, { clears: 1, clearSpacingMs: 0 })
/** Published text, read twice: deterministic, but resolvers and editors need a moment. */
const PUBLISHED = rule(2, 5 * MINUTE_MS, 5 * MINUTE_MS, TWO_CLEARS)
/** A record that is not there: resolvers cache negatives. */
const ABSENCE = rule(3, 5 * MINUTE_MS, 10 * MINUTE_MS, TWO_CLEARS)
const FETCHED = rule(2, 5 * MINUTE_MS, 5 * MINUTE_MS, TWO_FETCHED_CLEARS)
const FETCH_FAILURE = rule(3, 5 * MINUTE_MS, 15 * MINUTE_MS, TWO_FETCHED_CLEARS)
/** Restarts, greylisting and bans pass within a quarter of an hour (R31). */
const SESSION = rule(3, 5 * MINUTE_MS, 15 * MINUTE_MS, TWO_CLEARS)
const HANDSHAKE = rule(2, MINUTE_MS, MINUTE_MS, TWO_CLEARS)
/** Renewals reach the machines behind one name one after the other. */
const DIFFERENCE = rule(3, 5 * MINUTE_MS, 15 * MINUTE_MS, TWO_CLEARS)
/** Other ports and other key types are asked this seldom: more looks would see the same again. */
const QUARTERLY = rule(2, 15 * MINUTE_MS, 15 * MINUTE_MS, TWO_CLEARS)
const HOURLY = rule(2, HOUR_MS, HOUR_MS, TWO_CLEARS)
/** Every suspicion is looked into after five minutes; unrelated ones that only met by chance are gone by then. */
const COINCIDENCE = rule(2, MINUTE_MS, 6 * MINUTE_MS, TWO_CLEARS)
const BLINDNESS = rule(2, 30 * SECOND_MS, 3 * MINUTE_MS, TWO_CLEARS)

/** Reliability §12.3 as data: one row a finding code. */
export const CONFIRMATIONS: Readonly<Record<FindingCode, ConfirmationRule>> = {
  'mta-sts.record.missing': ABSENCE,
  'mta-sts.record.invalid': PUBLISHED,
  'mta-sts.record.multiple': PUBLISHED,
  'mta-sts.record.questionable': PUBLISHED,
  'mta-sts.policy.unfetchable': FETCH_FAILURE,
  'mta-sts.policy.invalid': FETCHED,
  'mta-sts.policy.questionable': FETCHED,
  'mta-sts.policy.differs-by-address': DIFFERENCE,
  'mta-sts.policy.changed-without-id': FETCHED,
  'mta-sts.policy.id-changed-without-text': FETCHED,
  'mta-sts.policy.mx-uncovered': FETCHED,
  'mta-sts.policy.pattern-unused': FETCHED,
  'mta-sts.policy.max-age-short': FETCHED,
  'mta-sts.policy.max-age-long': FETCHED,
  'mta-sts.policy.mode-weaker': FETCHED,
  'mta-sts.policy.weakened': FETCHED,
  'mta-sts.policy.mx-not-in-held-policy': FETCHED,
  'mta-sts.policy.retired-too-early': ABSENCE,
  'policy-host.address.private': PUBLISHED,
  // Deterministic like every handshake, but a handshake with the policy host is an attempt to fetch.
  'policy-host.certificate.expired': FETCHED,
  'policy-host.certificate.expiring': FETCHED,
  'policy-host.certificate.name-mismatch': FETCHED,
  'policy-host.certificate.untrusted': FETCHED,
  'policy-host.certificate.missing-intermediate': FETCHED,
  'policy-host.certificate.differs-by-address': DIFFERENCE,
  'mx.record.missing': ABSENCE,
  'mx.record.null-with-policy': PUBLISHED,
  'mx.record.null-not-alone': PUBLISHED,
  'mx.target.alias': PUBLISHED,
  'mx.target.address-literal': PUBLISHED,
  'mx.target.malformed': PUBLISHED,
  'mx.target.unresolvable': ABSENCE,
  'mx.address.private': PUBLISHED,
  'mx.host.unreachable': SESSION,
  'mx.host.refuses-monitor': SESSION,
  'mx.starttls.missing': SESSION,
  'mx.starttls.refused': SESSION,
  'mx.starttls.injection': SESSION,
  'mx.tls.failed': SESSION,
  'mx.certificate.expired': HANDSHAKE,
  'mx.certificate.expiring': HANDSHAKE,
  'mx.certificate.name-mismatch': HANDSHAKE,
  'mx.certificate.untrusted': HANDSHAKE,
  'mx.certificate.missing-intermediate': HANDSHAKE,
  'mx.certificate.differs-by-address': DIFFERENCE,
  // A renewal reaches the services of a machine one after the other, too.
  'mx.certificate.not-reloaded': DIFFERENCE,
  'mx.certificate.key-types-differ': HOURLY,
  'mx.face.certificate-expired': QUARTERLY,
  'dane.anchor.renewal-breaks': HANDSHAKE,
  'dane.anchor.issuer-changing': DIFFERENCE,
  'dane.tlsa.mismatch': PUBLISHED,
  'dane.tlsa.anchor-not-sent': PUBLISHED,
  'dane.tlsa.name-mismatch': PUBLISHED,
  'dane.tlsa.chain-expired': PUBLISHED,
  'dane.tlsa.unusable': PUBLISHED,
  'dane.tlsa.malformed': PUBLISHED,
  'dane.tlsa.empty-digest': PUBLISHED,
  'dane.tlsa.digests-disagree': PUBLISHED,
  'dane.tlsa.insecure': PUBLISHED,
  'dane.tlsa.partial': PUBLISHED,
  'dane.tlsa.missing': ABSENCE,
  'dane.tlsa.lookup-failing': SESSION,
  'dane.mx.insecure': PUBLISHED,
  'dane.sts.disagree': PUBLISHED,
  'dane.rollover.too-early': PUBLISHED,
  'dane.rollover.old-record-gone-early': PUBLISHED,
  'dane.rollover.stalled': AT_ONCE,
  'tlsrpt.record.missing': ABSENCE,
  'tlsrpt.record.invalid': PUBLISHED,
  'tlsrpt.record.multiple': PUBLISHED,
  'tlsrpt.record.questionable': PUBLISHED,
  'tlsrpt.rua.undeliverable': ABSENCE,
  'tlsrpt.rua.too-many': PUBLISHED,
  // Their own rules ask for two reporters, two days or our own look (S21): no look makes them surer.
  'tlsrpt.reported.failures': AT_ONCE,
  'tlsrpt.reported.unknown-address': AT_ONCE,
  'tlsrpt.reported.outdated-policy': AT_ONCE,
  'tlsrpt.reporter.silent': AT_ONCE,
  'dns.server.stale': PUBLISHED,
  'dns.server.mute': SESSION,
  'dns.server.lame': PUBLISHED,
  'dns.server.drops-type': SESSION,
  // An absence of a kind: nobody who validates gets an answer.
  'dnssec.zone.bogus': ABSENCE,
  'dnssec.signature.expiring': PUBLISHED,
  'domain.undecided': rule(4, 10 * MINUTE_MS, 60 * MINUTE_MS, { clears: 1, clearSpacingMs: 0 }),
  'monitor.dns.blind': BLINDNESS,
  'monitor.dnssec.blind': BLINDNESS,
  'monitor.https.blind': BLINDNESS,
  'monitor.smtp.blind': BLINDNESS,
  'monitor.mass-failure': COINCIDENCE,
  'monitor.clock.skewed': rule(2, MINUTE_MS, 5 * MINUTE_MS, TWO_CLEARS),
  'monitor.config.broken': AT_ONCE,
  'monitor.channel.failing': AT_ONCE,
  'monitor.dkim.failing': AT_ONCE,
  'monitor.reports.held': AT_ONCE,
  // Found when the time it has is over, and tried again meanwhile.
  'monitor.canary.undelivered': AT_ONCE,
  'monitor.canary.missing': AT_ONCE,
  'monitor.canary.unverified': AT_ONCE,
  'monitor.canary.slow': AT_ONCE,
  'monitor.check.failing': AT_ONCE,
  // Found when it has lasted an hour (R43).
  'monitor.mailbox.unreachable': AT_ONCE,
  'monitor.mailbox.renumbered': AT_ONCE,
  'monitor.mailbox.unreadable': AT_ONCE,
}

/** R26, R28: what one lonely resolver says is missing or bogus must be said twice as often. */
const DNS_ABSENCES: ReadonlySet<FindingCode> = new Set([
  'mta-sts.record.missing',
  'mta-sts.policy.retired-too-early',
  'mx.record.missing',
  'mx.target.unresolvable',
  'dane.tlsa.missing',
  'tlsrpt.record.missing',
  'tlsrpt.rua.undeliverable',
  'dnssec.zone.bogus',
])

/** The rule for this finding; `resolvers` is how many resolvers are configured. */
export function confirmationOf(finding: Finding, resolvers: number): ConfirmationRule {
  const base = CONFIRMATIONS[finding.code]
  if (resolvers > 1 || !restsOnAbsence(finding)) return base
  return { ...base, sightings: base.sightings * 2 }
}

function restsOnAbsence(finding: Finding): boolean {
  if (finding.code === 'mta-sts.policy.unfetchable') return finding.evidence.cause === 'no-address'
  return DNS_ABSENCES.has(finding.code)
}

function rule(
  sightings: number,
  sightingSpacingMs: number,
  sightingSpanMs: number,
  recovery: Pick<ConfirmationRule, 'clears' | 'clearSpacingMs'>,
): ConfirmationRule {
  return { sightings, sightingSpacingMs, sightingSpanMs, ...recovery }
}
