import { resultTypeText } from '../announce/result-type-words.ts'
import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Attribution, ReceivedReport } from '../model/received-report.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { deviationMeaning } from '../protocol/tlsrpt/deviation-codes.ts'
import type { FailureDetail, PolicyResult } from '../protocol/tlsrpt/report.ts'
import type { Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import { aboutText, countText, dayOf, numberText, senderText, utcDayText } from './render-report.ts'
import { reportHead } from './render-report-head.ts'

const MAX_DETAILS = 20
const MAX_POLICIES = 50

/** Everything about one report, for a person. `keptUntil`: how long its original is kept; null: no longer. */
export function renderWholeReport(
  received: ReceivedReport,
  keptUntil: UnixMs | null,
  timezone: string,
  io: Io,
): string {
  const paint = painter(io.terminal)
  const title = `${senderText(received)} about ${aboutText(received)}, ${utcDayText(dayOf(received))}`
  return [
    `${paint('bold', title)}  ${paint('dim', received.id)}`,
    ...reportHead(received, { keptUntil, timezone, width: io.columns, paint }),
    ...allPolicies(received, io.columns, paint),
    ...deviationLines(received, io.columns, paint),
    '',
  ].join('\n')
}

function allPolicies(
  { id, report, attributions, otherPolicies }: ReceivedReport,
  width: number,
  paint: Paint,
): readonly string[] {
  const shown = report.policies.slice(0, MAX_POLICIES)
  const left = report.policies.length - shown.length
  const were = otherPolicies === 1 ? 'was' : 'were'
  return [
    ...shown.flatMap((policy, index) => [
      '',
      ...policyLines(policy, attributions[index] ?? null, width, paint),
    ]),
    ...(left > 0
      ? ['', `  and ${countText(left, 'policy record')} more: stswatch reports show ${id} --json`]
      : []),
    ...(otherPolicies > 0
      ? [
          '',
          `  ${countText(otherPolicies, 'policy record')} about domains that are not watched ${were} not kept.`,
        ]
      : []),
  ]
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
