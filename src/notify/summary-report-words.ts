import { resultTypeText } from '../announce/result-type-words.ts'
import { display } from '../lib/display.ts'
import { DAY_MS } from '../lib/time.ts'
import type { FailureLine, ReportedSessions, SenderLine, WeeklySummary } from '../model/weekly-summary.ts'
import { hidden, nameText } from './summary-incident-words.ts'
import { countText, numberText, shareText } from './summary-numbers.ts'
import type { SummaryMeasure, SummaryPiece, SummaryRow, SummarySection } from './summary-story.ts'

const TYPE_MAX = 60
/** A longer list of days is no longer read. */
const ALT_DAYS_MAX = 31

/** What senders say, and what became of the mails that say it. */
export function reportsSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection {
  const { reports } = summary
  const mails = mailLines(summary)
  const letters: readonly SummaryPiece[] = mails === '' ? [] : [{ kind: 'prose', text: mails }]
  if (reports === null) {
    const text = 'No TLS report that counts, neither now nor in the four weeks before.'
    return { label: 'What senders report', pieces: [{ kind: 'prose', text }, ...letters] }
  }
  const rows = reports.senders.first.slice(0, measure.rows).map((sender) => senderRow(sender, summary))
  const failures = reports.failures.first.map(
    ({ resultType, sessions }) =>
      `${countText(sessions, 'session')}: ${resultTypeText(resultType)}${resultType === null ? '' : ` (${display(resultType, TYPE_MAX)})`}`,
  )
  return {
    label: 'What senders report',
    pieces: [
      { kind: 'prose', text: `${sessionsText(reports)} ${usualText(summary, reports)}`.trim() },
      { kind: 'picture', name: 'sessions', alt: sessionsAlt(reports) },
      ...(failures.length === 0
        ? []
        : [
            { kind: 'prose', text: 'Why they failed:' } as const,
            { kind: 'quiet', lines: failures } as const,
          ]),
      ...hidden(reports.failures.total - failures.length, 'stswatch reports senders'),
      ...(rows.length === 0
        ? []
        : [{ kind: 'prose', text: 'By sender:' } as const, { kind: 'rows', rows } as const]),
      ...hidden(reports.senders.total - rows.length, 'stswatch reports senders'),
      ...letters,
    ],
  }
}

/** "12,340 sessions reported by 5 senders, 120 failed (1 %)." */
export function sessionsText({ sessions, failedSessions, reporters }: ReportedSessions): string {
  if (sessions === 0 && failedSessions === 0) return 'No sender reported a session.'
  const failed =
    failedSessions === 0
      ? 'none failed'
      : `${numberText(failedSessions)} failed (${shareText(failedSessions, sessions)})`
  return `${countText(sessions, 'session')} reported by ${countText(reporters, 'sender')}, ${failed}.`
}

function usualText({ period }: WeeklySummary, { before }: ReportedSessions): string {
  if (before === null) return 'There are too few earlier reports to compare with.'
  const failed =
    before.failedSessions === 0
      ? 'none failed'
      : `${shareText(before.failedSessions, before.sessions)} failed`
  return `In the four weeks before it was ${countText(before.sessions, 'session')} ${perPeriod(period)}, ${failed}.`
}

function perPeriod({ kind, firstDayAt, endDayAt }: WeeklySummary['period']): string {
  return kind === 'days' ? `in ${Math.round((endDayAt - firstDayAt) / DAY_MS)} days` : `a ${kind}`
}

function senderRow(sender: SenderLine, { period }: WeeklySummary): SummaryRow {
  const { sessions, failedSessions, before } = sender
  const failed = failedSessions === 0 ? '' : `, ${numberText(failedSessions)} failed`
  const usual =
    before === null
      ? 'no habit known yet'
      : `before: ${numberText(before.sessions)} ${perPeriod(period)}${before.failedSessions === 0 ? '' : `, ${shareText(before.failedSessions, before.sessions)} failed`}`
  return {
    tone: failedSessions > 0 ? 'warning' : sessions === 0 ? 'info' : 'resolved',
    left: nameText(sender.reporter),
    right: sessions === 0 ? 'no report' : `${numberText(sessions)}${failed}`,
    below: [...sender.failures.map(failureText), usual].join('; '),
  }
}

function failureText({ resultType, sessions }: FailureLine): string {
  return `${numberText(sessions)} ${resultType === null ? 'without a reason' : display(resultType, TYPE_MAX)}`
}

/** Every mail is in one class; those that need no look are counted together. */
function mailLines({ mails }: WeeklySummary): string {
  const read = mails.accepted + mails.duplicate
  const parts = [
    ...(read > 0 ? [`${numberText(read)} read`] : []),
    ...(mails.quarantined > 0
      ? [`${numberText(mails.quarantined)} quarantined, because nobody answers for them`]
      : []),
    ...(mails.conflict > 0 ? [`${numberText(mails.conflict)} at odds with an earlier report`] : []),
    ...(mails.rejected > 0 ? [`${numberText(mails.rejected)} unreadable`] : []),
    ...(mails.postponed > 0 ? [`${numberText(mails.postponed)} put off`] : []),
    ...(mails['not-a-report'] > 0 ? [`${numberText(mails['not-a-report'])} no reports`] : []),
  ]
  const look = mails.quarantined + mails.rejected > 0 ? ' See: stswatch reports quarantine.' : ''
  return parts.length === 0 ? '' : `Report mails: ${parts.join(', ')}.${look}`
}

function sessionsAlt({ days }: ReportedSessions): string {
  const shown = days
    .filter(({ inPeriod }) => inPeriod)
    .slice(0, ALT_DAYS_MAX)
    .map(
      ({ dayAt, sessions, failedSessions }) =>
        `${new Date(dayAt).toISOString().slice(0, 10)} ${numberText(sessions)}${failedSessions === 0 ? '' : ` (${numberText(failedSessions)} failed)`}`,
    )
  return `Sessions a day: ${shown.join(', ')}.`
}
