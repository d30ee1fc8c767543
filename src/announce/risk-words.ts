import { display } from '../lib/display.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import { dayText } from './text-time.ts'

/** How much mail rests on what is broken, in words. */

/** Fewer sessions tell no single percent. */
const FINE_SESSIONS = 1_000
const COUNT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 })

/**
 * "About 54 % of reported sessions (google.com, microsoft.com and 1 more; some 12,000 sessions from 2026-11-09 to 2026-11-22) would
 * be deferred: no MX host is left that these senders accept." One sentence; `isToCome`: it has not begun yet.
 */
export function riskSentence(risk: MailAtRisk, isToCome: boolean): string {
  const share = shareWords(risk)
  const start = isToCome ? `Then ${share}` : `${share.charAt(0).toUpperCase()}${share.slice(1)}`
  return `${start} of reported sessions (${basis(risk)}) ${OUTCOMES[risk.effect]}.`
}

/** "about 54 % of reported sessions would be deferred": for a line that has no room for more. */
export function riskPhrase(risk: MailAtRisk): string {
  return `${shareWords(risk)} of reported sessions ${SHORT_OUTCOMES[risk.effect]}`
}

const SHORT_OUTCOMES: Readonly<Record<MailAtRisk['effect'], string>> = {
  defer: 'would be deferred',
  'other-host': 'would have to use another MX host',
  'report-only': 'would be reported only',
}

const OUTCOMES: Readonly<Record<MailAtRisk['effect'], string>> = {
  defer: 'would be deferred: no MX host is left that these senders accept',
  'other-host':
    'would have to use another MX host or address; reports do not say which one a session used, so it is the most that it can be',
  'report-only': 'would be delivered and reported as failed only',
}

/** What is at risk by a finding or a line of a summary; those that an earlier version remembered lack it. */
export function riskOf(told: { readonly atRisk: MailAtRisk | null }): MailAtRisk | null {
  return told.atRisk ?? null
}

/** "about 54 %", "up to about 54 %", "less than 1 %", "all" */
function shareWords({ effect, sessions, atRisk }: MailAtRisk): string {
  const bound = effect === 'other-host' ? 'up to ' : ''
  if (atRisk >= sessions) return `${bound}all`
  const step = sessions < FINE_SESSIONS ? 5 : 1
  const percent = Math.round((100 * atRisk) / sessions / step) * step
  if (percent < step) return `less than ${step} %`
  return percent > 100 - step ? `more than ${100 - step} %` : `${bound}about ${percent} %`
}

function basis({ reporters, sessions, firstDayAt, lastDayAt }: MailAtRisk): string {
  const names = reporters.first.map((name) => display(name))
  const rest = reporters.total - names.length
  const who = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return `${who}; some ${COUNT.format(sessions)} sessions from ${dayText(firstDayAt, 'UTC')} to ${dayText(lastDayAt, 'UTC')}`
}
