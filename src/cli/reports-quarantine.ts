import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { Authenticity, ReceivedReport } from '../model/received-report.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import {
  aboutText,
  countText,
  dayOf,
  numberText,
  reportSessions,
  senderText,
  utcDayText,
} from './render-report.ts'

export interface ReportsQuarantineRequest {
  readonly configFile: string
  readonly json: boolean
}

const MAX_REPORTS = 100_000
const MAX_SHOWN = 10

type Unverified = Extract<Authenticity, { readonly trust: 'unverified' }>

/** `reports quarantine`: the reports that nobody answers for, by sender and reason, with what can be done about each. */
export async function reportsQuarantineCommand(
  { configFile, json }: ReportsQuarantineRequest,
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const filter = {
    domain: null,
    sender: null,
    standing: 'quarantined',
    sinceDayAt: null,
    failuresOnly: false,
  } as const
  const found = await store.reports.list(filter, MAX_REPORTS)
  if (json) for (const report of found) io.out(`${printableJson(JSON.stringify(withWords(report)))}\n`)
  else io.out(renderQuarantine(found, io))
  return EXIT.ok
}

function withWords(report: ReceivedReport): object {
  const { authenticity } = report
  return authenticity.trust === 'unverified'
    ? {
        ...report,
        reason: DISTRUST_WORDS[authenticity.because].reason,
        remedy: DISTRUST_WORDS[authenticity.because].remedy,
      }
    : report
}

function renderQuarantine(found: readonly ReceivedReport[], io: Io): string {
  if (found.length === 0) return 'No report is in quarantine.\n'
  const paint = painter(io.terminal)
  const groups = [
    ...Map.groupBy(found, (report) => `${reasonOf(report).because} ${senderText(report)}`).values(),
  ]
  const head = `${countText(found.length, 'report')} that nobody answers for: shown here, part of no number and no alert.\n`
  return head + groups.map((group) => `\n${renderGroup(group, io.columns, paint)}`).join('')
}

function renderGroup(group: readonly ReceivedReport[], width: number, paint: Paint): string {
  const [newest] = group
  if (newest === undefined) return ''
  const { because, claimed, detail } = reasonOf(newest)
  const { reason, remedy } = DISTRUST_WORDS[because]
  const left = group.length - MAX_SHOWN
  return [
    `${paint('yellow', '!')} ${paint('bold', senderText(newest))}  ${countText(group.length, 'report')}`,
    wrap(because === 'no-mail' ? reason : `${reason} (${display(detail, 200)})`, width, '    '),
    wrap(remedy, width, '    '),
    ...group.slice(0, MAX_SHOWN).map((report) => renderOne(report, paint)),
    ...(left > 0 ? [`    and ${countText(left, 'report')} more`] : []),
    `    ${paint('dim', `To let one count: stswatch reports admit ${newest.id}`)}`,
    ...(claimed === null
      ? []
      : [`    ${paint('dim', `Everything in their name, also to come: stswatch reports admit ${claimed}`)}`]),
    '',
  ].join('\n')
}

function renderOne(report: ReceivedReport, paint: Paint): string {
  const { failed, successful, implausible } = reportSessions(report)
  const claims = implausible
    ? 'claims more sessions than anybody has'
    : `claims ${numberText(successful)} succeeded, ${numberText(failed)} failed`
  return `    ${utcDayText(dayOf(report))}  ${aboutText(report)}  ${claims}  ${paint('dim', report.id)}`
}

/** Only reports that nobody answers for are quarantined. */
function reasonOf({ authenticity }: ReceivedReport): Unverified {
  if (authenticity.trust === 'unverified') return authenticity
  throw new Error('a report is in quarantine although somebody answers for it')
}
