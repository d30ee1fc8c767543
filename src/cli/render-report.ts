/** How the report commands speak of reports. */

import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { sessionCounts } from '../check/session-counts.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import type { ReportedPolicy } from '../model/report-window.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import type { PolicyResult } from '../protocol/tlsrpt/report.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'
import type { Paint } from './paint.ts'

const NUMBERS = new Intl.NumberFormat('en-US')
export const STANDING_STYLE: Readonly<Record<ReceivedReport['standing'], Parameters<Paint>[0]>> = {
  counted: 'green',
  admitted: 'green',
  quarantined: 'yellow',
  conflict: 'yellow',
}

/** "5,326" */
export function numberText(count: number): string {
  return NUMBERS.format(count)
}

/** "1 report", "1,234 reports" */
export function countText(count: number, one: string): string {
  return `${numberText(count)} ${one}${count === 1 ? '' : 's'}`
}

/** A day as filed, "2026-11-25": reports count by UTC days, whatever the reader's zone. */
export function utcDayText(dayAt: number): string {
  return new Date(dayAt).toISOString().slice(0, 10)
}

/** Who signed it, or who it claims to be from. */
export function senderText({ authenticity }: Pick<ReceivedReport, 'authenticity'>): string {
  if (authenticity.trust !== 'unverified') return displayDomainName(authenticity.signer)
  return authenticity.claimed === null ? '(nobody)' : displayDomainName(authenticity.claimed)
}

/** "counted", "admitted", "quarantined: unsigned" … */
export function standingText({
  standing,
  authenticity,
}: Pick<ReceivedReport, 'standing' | 'authenticity'>): string {
  if (standing !== 'quarantined' || authenticity.trust !== 'unverified') return standing
  return `quarantined: ${DISTRUST_WORDS[authenticity.because].short}`
}

/** The domains that it is about; hosts that several of them share by their own name. */
export function aboutText({ attributions }: Pick<ReceivedReport, 'attributions'>): string {
  const names = attributions.map(({ domain, mx }) => domain ?? mx).filter((name) => name !== null)
  return [...new Set(names)].map(displayDomainName).join(', ')
}

/** The day that it is filed under. */
export function dayOf({ attributions }: Pick<ReceivedReport, 'attributions'>): number {
  return attributions[0]?.dayAt ?? 0
}

export interface Sessions {
  readonly successful: number
  readonly failed: number
  /** Counts that nobody has were left out. */
  readonly implausible: boolean
}

/** Its sessions, those under several policy types once. */
export function reportSessions(received: ReceivedReport): Sessions {
  const policies = received.report.policies.map((policy, index) => reported(received, policy, index))
  const domains = [...Map.groupBy(policies, ({ about }) => about).values()]
  const counts = domains.flatMap((ofDomain) => sessionCounts(ofDomain))
  return {
    successful: addCounts(counts.map(({ successfulSessions }) => successfulSessions)),
    failed: addCounts(counts.map(({ failedSessions }) => failedSessions)),
    implausible: counts.some(({ implausible }) => implausible),
  }
}

function reported(
  { id, receivedAt, authenticity, report, attributions }: ReceivedReport,
  policy: PolicyResult,
  index: number,
): ReportedPolicy & { readonly about: string } {
  const { domain, mx, dayAt } = attributions[index] ?? { domain: null, mx: null, dayAt: 0 }
  const reporter = authenticity.trust === 'unverified' ? authenticity.claimed : authenticity.signer
  return {
    report: id,
    reporter: reporter ?? NOBODY,
    organization: report.organizationName,
    dayAt,
    receivedAt,
    mx,
    policy,
    about: domain ?? mx ?? '',
  }
}

const NOBODY = '' as DomainName
