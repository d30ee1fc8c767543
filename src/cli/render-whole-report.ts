import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { resultTypeText } from '../announce/result-type-words.ts'
import { instantText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Attribution, Authenticity, ReceivedReport } from '../model/received-report.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { deviationMeaning } from '../protocol/tlsrpt/deviation-codes.ts'
import type { FailureDetail, PolicyResult } from '../protocol/tlsrpt/report.ts'
import type { Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import {
  aboutText,
  countText,
  dayOf,
  numberText,
  STANDING_STYLE,
  senderText,
  standingText,
  utcDayText,
} from './render-report.ts'

const MAX_DETAILS = 20
const MAX_POLICIES = 50
const LABEL_WIDTH = 14

/** Everything about one report, for a person. */
export function renderWholeReport(
  received: ReceivedReport,
  keptUntil: UnixMs | null,
  timezone: string,
  io: Io,
): string {
  const paint = painter(io.terminal)
  const { report, attributions, otherPolicies } = received
  const shown = report.policies.slice(0, MAX_POLICIES)
  const left = report.policies.length - shown.length
  return [
    `${paint('bold', `${senderText(received)} about ${aboutText(received)}, ${utcDayText(dayOf(received))}`)}  ${paint('dim', received.id)}`,
    ...head(received, keptUntil, timezone, paint),
    ...shown.flatMap((policy, index) => [
      '',
      ...policyLines(policy, attributions[index] ?? null, io.columns, paint),
    ]),
    ...(left > 0
      ? ['', `and ${countText(left, 'policy record')} more: stswatch reports show ${received.id} --json`]
      : []),
    ...(otherPolicies > 0
      ? [
          '',
          `${countText(otherPolicies, 'policy record')} about domains that are not watched ${otherPolicies === 1 ? 'was' : 'were'} not kept.`,
        ]
      : []),
    ...deviationLines(received, io.columns, paint),
    '',
  ].join('\n')
}

function head(
  received: ReceivedReport,
  keptUntil: UnixMs | null,
  timezone: string,
  paint: Paint,
): readonly string[] {
  const { report, authenticity } = received
  const label = (name: string, text: string) => `  ${paint('dim', name.padEnd(LABEL_WIDTH))} ${text}`
  const range = [report.startAt, report.endAt].map((at) =>
    at === null ? '(not given)' : instantText(at, 'UTC'),
  )
  const distrust = authenticity.trust === 'unverified' ? DISTRUST_WORDS[authenticity.because] : null
  return [
    label('Standing', paint(STANDING_STYLE[received.standing], standingText(received))),
    label('Who answers', answersText(authenticity)),
    ...(distrust === null ? [] : [label('', distrust.remedy)]),
    label('Reached us', sourceText(received, timezone)),
    label('From, to', range.join(' to ')),
    label('Organization', orNone(report.organizationName)),
    label('Contact', orNone(report.contactInfo)),
    label('Report-id', orNone(report.reportId)),
    label(
      'Original',
      keptUntil === null ? 'no longer kept' : `kept until ${instantText(keptUntil, timezone)}`,
    ),
  ]
}

function answersText(authenticity: Authenticity): string {
  switch (authenticity.trust) {
    case 'verified':
      return `${displayDomainName(authenticity.signer)}, by its DKIM signature (selector ${display(authenticity.selector)})`
    case 'border':
      return `${displayDomainName(authenticity.signer)}, as ${display(authenticity.authservId)} says in its Authentication-Results`
    case 'unverified': {
      const { claimed, because, detail } = authenticity
      const who = claimed === null ? 'nobody' : `nobody; it claims to be from ${displayDomainName(claimed)}`
      return `${who}. ${DISTRUST_WORDS[because].reason}${detail === '' ? '' : ` (${display(detail, 200)})`}`
    }
  }
}

function sourceText({ source, receivedAt }: ReceivedReport, timezone: string): string {
  const at = instantText(receivedAt, timezone)
  return source.via === 'file'
    ? `${at}, as the file ${display(source.path)}`
    : `${at}, as mail ${source.uid} in ${display(source.folder)} of ${display(source.account)}`
}

function policyLines(
  policy: PolicyResult,
  attribution: Attribution | null,
  width: number,
  paint: Paint,
): readonly string[] {
  const { policyType, policyDomain, successfulSessions, failedSessions, failureDetails } = policy
  const name = policyDomain === null ? '(no policy domain)' : displayDomainName(policyDomain)
  const details = failureDetails.slice(0, MAX_DETAILS)
  const left = failureDetails.length - details.length
  const applied = policy.policyString.map((line) => display(line, 120)).join(' | ')
  const hosts = policy.mxHostPatterns.map((host) => display(host)).join(', ')
  return [
    `  ${paint('bold', name)}, ${policyTypeText(policyType)}${filedText(attribution, policyDomain)}`,
    `    ${paint('green', '✓')} ${countText(successfulSessions, 'session')} succeeded` +
      (failedSessions === 0
        ? ''
        : `   ${paint('red', `✗ ${numberText(failedSessions)} failed`)} (${shareText(policy)})`),
    ...(applied === '' ? [] : [wrap(`policy applied: ${applied}`, width, '    ')]),
    ...(hosts === '' ? [] : [wrap(`mx: ${hosts}`, width, '    ')]),
    ...details.flatMap((detail) => detailLines(detail, width, paint)),
    ...(left > 0 ? [`      and ${countText(left, 'failure detail')} more; all of them: --json`] : []),
  ]
}

function policyTypeText(policyType: string | null): string {
  switch (policyType) {
    case 'sts':
      return 'MTA-STS'
    case 'tlsa':
      return 'DANE'
    case 'no-policy-found':
      return 'no policy found'
    case null:
      return 'policy type not given'
    default:
      return `policy type "${display(policyType, 60)}"`
  }
}

function filedText(attribution: Attribution | null, policyDomain: string | null): string {
  if (attribution === null) return ''
  const { domain, mx, dayAt } = attribution
  const where =
    domain === null
      ? `a host that several watched domains share`
      : domain === policyDomain
        ? ''
        : displayDomainName(domain)
  const host = mx === null || mx === policyDomain ? '' : ` by its host ${displayDomainName(mx)}`
  return where === ''
    ? `, filed under ${utcDayText(dayAt)}`
    : `, filed for ${where}${host} under ${utcDayText(dayAt)}`
}

/** "5.4 %"; never 0 % or 100 % when it is not exactly that. */
function shareText({ successfulSessions, failedSessions }: PolicyResult): string {
  const percent = (100 * failedSessions) / (successfulSessions + failedSessions)
  if (percent === 100) return 'all of them'
  return percent < 0.1 ? 'less than 0.1 %' : `${Math.min(percent, 99.9).toFixed(1)} %`
}

function detailLines(detail: FailureDetail, width: number, paint: Paint): readonly string[] {
  const { resultType, failedSessions, receivingMxHostname, receivingIp, sendingMtaIp } = detail
  const where = [
    receivingMxHostname === null ? null : `at ${display(receivingMxHostname)}`,
    receivingIp === null ? null : `[${display(receivingIp)}]`,
    sendingMtaIp === null ? null : `from ${display(sendingMtaIp)}`,
  ].filter((part) => part !== null)
  const more = [
    ['reason', detail.failureReasonCode],
    ['EHLO answer', detail.receivingMxHelo],
    ['more', detail.additionalInformation],
  ] as const
  return [
    `    ${paint('red', `✗ ${numberText(failedSessions)}`)} ${display(resultType ?? '(no result type)', 60)}: ${resultTypeText(resultType)}`,
    ...(where.length === 0 ? [] : [wrap(where.join(' '), width, '        ')]),
    ...more.flatMap(([name, text]) =>
      text === null ? [] : [wrap(`${name}: ${display(text)}`, width, '        ')],
    ),
  ]
}

function deviationLines({ deviations }: ReceivedReport, width: number, paint: Paint): readonly string[] {
  if (deviations.length === 0) return []
  return [
    '',
    `  ${paint('bold', `${countText(deviations.length, 'deviation')} from the RFC`)}`,
    ...deviations.map(({ code, where, found, times }) => {
      const place = where === '' ? '' : ` at ${display(where, 80)}`
      const what = found === null ? '' : `: "${display(found, 80)}"`
      const often = times === 1 ? '' : `, ${numberText(times)} times`
      return wrap(`${code}${place}${what}${often}. ${deviationMeaning(code)}`, width, '    ')
    }),
  ]
}

function orNone(text: string | null): string {
  return text === null ? '(none)' : display(text)
}
