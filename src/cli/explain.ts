import { catalogueEntry, printEntry } from '../announce/catalogue.ts'
import { describe } from '../announce/describe.ts'
import { instantText } from '../announce/text-time.ts'
import { nearest } from '../config/nearest.ts'
import { display } from '../lib/display.ts'
import { systemClock } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import { FINDING_CODES } from '../model/finding-codes.ts'
import type { Incident, Transition } from '../model/incident.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { OutboxRow } from '../store/store.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, SEVERITY_MARK, SEVERITY_STYLE, wrap } from './paint.ts'

export interface ExplainRequest {
  readonly configFile: string
  /** An incident's id or its beginning, or a finding code. */
  readonly subject: string
}

/** `explain`: the whole chain of one incident (what was seen, how it was confirmed, who was told), or the page of a finding. */
export async function explainCommand({ configFile, subject }: ExplainRequest, io: Io): Promise<number> {
  if (isCode(subject)) {
    io.out(printEntry(catalogueEntry(subject)))
    return EXIT.ok
  }
  if (!subject.startsWith('inc')) {
    const near = nearest(subject, FINDING_CODES)
    io.err(
      `stswatch explain: "${display(subject)}" is neither an incident (inc_…) nor a finding code.${near === null ? '' : ` Did you mean ${near}?`} Codes: docs/findings.md\n`,
    )
    return EXIT.usage
  }
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  const asking = opened.value
  await using store = asking.store
  const incident = await store.incidents.find(subject)
  if (incident === null) {
    io.err(
      `stswatch explain: no incident, or more than one, begins with ${display(subject)}. All of them: stswatch incidents --all\n`,
    )
    return EXIT.noInput
  }
  const [transitions, rows] = await Promise.all([
    store.incidents.transitions(incident.id),
    store.outbox.ofIncident(incident.id),
  ])
  io.out(render(incident, transitions, rows, asking.timezone, io))
  return EXIT.ok
}

function isCode(text: string): text is FindingCode {
  return (FINDING_CODES as readonly string[]).includes(text)
}

function render(
  incident: Incident,
  transitions: readonly Transition[],
  rows: readonly OutboxRow[],
  timezone: string,
  io: Io,
): string {
  const paint = painter(io.terminal)
  const { latest } = incident
  const { title, seen, impact, remedy, rfc } = describe(latest, { timezone, now: systemClock.now() })
  const who = incident.domain === null ? 'stswatch itself' : displayDomainName(incident.domain)
  const width = Math.min(Math.max(io.columns, 60), 120)
  return [
    `${paint(SEVERITY_STYLE[latest.severity], SEVERITY_MARK[latest.severity])} ${paint('bold', `${who}: ${title}`)}`,
    `  ${incident.id}, ${incident.phase.name}, ${latest.code}, ${rfc}`,
    '',
    wrap(seen, width, '  '),
    ...(impact === null ? [] : [wrap(impact, width, '  ')]),
    ...remedy.map((line) =>
      line.kind === 'code'
        ? line.text.replace(/^.*/gm, (code) => `      ${paint('cyan', code)}`)
        : wrap(line.text, width, '  '),
    ),
    '',
    paint('bold', 'How it went'),
    ...transitions.map(
      ({ at, reason, incident: after }) => `  ${instantText(at, timezone)}  ${reason}${detail(after)}`,
    ),
    '',
    paint('bold', 'Who was told'),
    ...(rows.length === 0 ? ['  nobody'] : rows.map((row) => rowLine(row, timezone, paint))),
    '',
    paint('bold', 'Evidence'),
    ...JSON.stringify(latest.evidence, readable, 2)
      .split('\n')
      .map((line) => `  ${display(line, 2_000)}`),
    '',
  ].join('\n')
}

/** Instants as people write them; everything else as it stands. */
function readable(key: string, value: unknown): unknown {
  return typeof value === 'number' && /(?:At|Until)$/.test(key) ? new Date(value).toISOString() : value
}

function detail({ phase, latest }: Incident): string {
  const severity = `, ${latest.severity}`
  if (phase.name === 'suspected')
    return `${severity}, seen ${phase.sightings} ${phase.sightings === 1 ? 'time' : 'times'}`
  return phase.name === 'recovering'
    ? `, clear ${phase.clears} ${phase.clears === 1 ? 'time' : 'times'}`
    : severity
}

function rowLine(
  { notification, state, attempts, lastError, sentAt }: OutboxRow,
  timezone: string,
  paint: Paint,
): string {
  const { content } = notification
  const what =
    content.kind === 'incident'
      ? content.reason
      : content.kind === 'answer'
        ? `${content.answer.kind} by ${display(content.by, 80)}`
        : content.kind
  const when = sentAt === null ? `${attempts} attempts` : instantText(sentAt, timezone)
  const error = lastError === null ? '' : paint('yellow', `  last error: ${display(lastError, 160)}`)
  const held = state === 'held' ? `  kept quiet by ${display(notification.held ?? '')}` : ''
  return `  ${notification.channel}  ${what}: ${state}, ${when}${held}${error}`
}
