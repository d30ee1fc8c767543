import type { Description } from '../model/description.ts'
import type { Finding, FindingCode } from '../model/finding.ts'
import { CANARY_WORDS } from './describe-canary.ts'
import { CERTIFICATE_WORDS } from './describe-certificate.ts'
import { DANE_WORDS } from './describe-dane.ts'
import { DANE_DISPUTE_WORDS } from './describe-dane-disputes.ts'
import { DNSSEC_WORDS } from './describe-dnssec.ts'
import { FACE_WORDS } from './describe-faces.ts'
import { MAILBOX_WORDS } from './describe-mailbox.ts'
import { MONITOR_WORDS } from './describe-monitor.ts'
import { MX_WORDS } from './describe-mx.ts'
import { PLAN_WORDS } from './describe-plan.ts'
import { REPORTED_WORDS } from './describe-reported.ts'
import { ROLLOVER_WORDS } from './describe-rollover.ts'
import { SERVER_WORDS } from './describe-servers.ts'
import { STARTTLS_WORDS } from './describe-starttls.ts'
import { STS_HISTORY_WORDS } from './describe-sts-history.ts'
import { STS_POLICY_WORDS } from './describe-sts-policy.ts'
import { STS_RECORD_WORDS } from './describe-sts-record.ts'
import { TLSRPT_WORDS } from './describe-tlsrpt.ts'
import { reportedToo } from './reported-words.ts'
import { riskOf, riskSentence } from './risk-words.ts'
import { type DescribeContext, type Describers, safe } from './words.ts'

const WORDS: Describers<FindingCode> = {
  ...STS_RECORD_WORDS,
  ...STS_POLICY_WORDS,
  ...STS_HISTORY_WORDS,
  ...PLAN_WORDS,
  ...CERTIFICATE_WORDS,
  ...MX_WORDS,
  ...FACE_WORDS,
  ...STARTTLS_WORDS,
  ...DANE_WORDS,
  ...DANE_DISPUTE_WORDS,
  ...ROLLOVER_WORDS,
  ...SERVER_WORDS,
  ...TLSRPT_WORDS,
  ...REPORTED_WORDS,
  ...DNSSEC_WORDS,
  ...MONITOR_WORDS,
  ...MAILBOX_WORDS,
  ...CANARY_WORDS,
}

/**
 * A finding in words: what was expected and seen, who is hurt, and the exact line to publish. Untrusted text comes out
 * made safe; international names as U-labels in prose and as A-labels in lines to publish. `rfc` says so where
 * the finding is about the monitor alone. What senders report of the same thing is a sentence of its own in `seen`, and how much
 * of the reported mail rests on it one in `impact`.
 */
export function describe(finding: Finding, context: DescribeContext): Description {
  // The map pairs each code with a describer of that code's evidence; the pairing is lost in a union of codes.
  const words = WORDS[finding.code] as (finding: Finding, context: DescribeContext) => Description
  const { title, seen, impact, remedy, rfc } = words(finding, context)
  return {
    title: safe(title),
    seen: safe(finding.reported.length === 0 ? seen : `${seen} ${reportedToo(finding.reported)}`),
    impact: withRisk(impact, finding),
    remedy,
    rfc: safe(rfc),
  }
}

function withRisk(impact: string | null, finding: Finding): string | null {
  const risk = riskOf(finding)
  const told = risk === null ? [] : [riskSentence(risk, finding.code === 'mx.certificate.expiring')]
  const sentences = [...(impact === null ? [] : [impact]), ...told]
  return sentences.length === 0 ? null : safe(sentences.join(' '))
}
