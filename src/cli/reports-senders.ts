import { resultTypeText } from '../announce/result-type-words.ts'
import { type SenderSummary, summarizeSenders } from '../check/sender-summary.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { minuteText, usualMinute } from './arrival-time.ts'
import { openAsking } from './asking.ts'
import { sinceDay } from './days.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import { countText, numberText, utcDayText } from './render-report.ts'

export interface ReportsSendersRequest {
  readonly configFile: string
  readonly days: string
  readonly json: boolean
}

interface Habit {
  readonly code: string
  readonly times: number
  readonly reports: number
}

/** `reports senders`: who reports, how much, how regularly, and where each leaves the RFC. */
export async function reportsSendersCommand(
  { configFile, days, json }: ReportsSendersRequest,
  io: Io,
): Promise<number> {
  const sinceDayAt = sinceDay(days, systemClock.now(), 'reports senders', io)
  if (sinceDayAt === null) return EXIT.usage
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const policies = await Array.fromAsync(store.reports.policiesSince(sinceDayAt))
  const reporters = [...new Set(policies.map(({ reporter }) => reporter))]
  const senders = summarizeSenders(policies, await store.reports.reporters(reporters))
  const deviations = Map.groupBy(await store.reports.deviations(sinceDayAt), ({ sender }) => sender)
  const habitsOf = ({ reporter }: SenderSummary): readonly Habit[] => deviations.get(reporter) ?? []
  if (json)
    for (const sender of senders)
      io.out(`${printableJson(JSON.stringify(asJson(sender, habitsOf(sender))))}\n`)
  else io.out(renderSenders(senders, habitsOf, io))
  return EXIT.ok
}

function asJson({ arrivals, ...sender }: SenderSummary, habits: readonly Habit[]): object {
  return {
    ...sender,
    usualArrivalUtcMinute: usualMinute(arrivals),
    deviations: habits.map(({ code, times, reports }) => ({ code, times, reports })),
  }
}

function renderSenders(
  senders: readonly SenderSummary[],
  habitsOf: (sender: SenderSummary) => readonly Habit[],
  io: Io,
): string {
  if (senders.length === 0) return 'No report that counts in this time.\n'
  const paint = painter(io.terminal)
  return senders.map((sender) => renderSender(sender, habitsOf(sender), io.columns, paint)).join('\n')
}

function renderSender(sender: SenderSummary, habits: readonly Habit[], width: number, paint: Paint): string {
  const { reporter, organization, known, failures, failedSessions, arrivals } = sender
  const minute = usualMinute(arrivals)
  const name = organization === null ? '' : ` (${display(organization, 60)})`
  const failed = failedSessions === 0 ? 'none failed' : paint('red', `${numberText(failedSessions)} failed`)
  const told = `${countText(sender.reports, 'report')} on ${countText(sender.days, 'day')} about ${countText(sender.domains, 'domain')}`
  return [
    `${paint('bold', displayDomainName(reporter))}${name}  ${known ? 'known' : paint('yellow', 'new: its word alone wakes nobody')}`,
    `    ${told}; last day ${utcDayText(sender.lastDayAt)}${minute === null ? '' : `, usually arrives about ${minuteText(minute)}`}`,
    `    ${countText(sender.successfulSessions, 'session')} succeeded, ${failed}`,
    ...failures.map(
      ({ resultType, sessions }) =>
        `      ${numberText(sessions)} ${display(resultType ?? '(no result type)', 60)}: ${resultTypeText(resultType)}`,
    ),
    ...(habits.length === 0
      ? []
      : [wrap(`leaves the RFC: ${habits.map(habitText).join(', ')}`, width, '    ')]),
    '',
  ].join('\n')
}

function habitText({ code, reports }: Habit): string {
  return `${code} in ${countText(reports, 'report')}`
}
