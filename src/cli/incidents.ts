import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import { quietNow } from '../app/quiet.ts'
import { acknowledgementOf } from '../incident/acknowledge.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock, type UnixMs } from '../lib/time.ts'
import type { Acknowledgement, Incident } from '../model/incident.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { type Asking, openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, SEVERITY_MARK, SEVERITY_STYLE } from './paint.ts'
import { silenceLine } from './silence.ts'

export interface IncidentsRequest {
  readonly configFile: string
  readonly all: boolean
  readonly json: boolean
}

/** An incident and how people took it. */
interface Listed {
  readonly incident: Incident
  readonly acknowledgement: Acknowledgement | null
  /** What keeps it quiet, in words. */
  readonly quiet: string | null
}

const MAX_ENDED = 200

/** `incidents`: what is open, worst and oldest first; with `--all` what has ended too. Exit status 1 while any is open. */
export async function incidentsCommand(request: IncidentsRequest, io: Io): Promise<number> {
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  const asking = opened.value
  await using store = asking.store
  const now = systemClock.now()
  const live = await listLive(asking, now)
  const ended = request.all
    ? (await store.incidents.recent(MAX_ENDED)).filter(({ phase }) => phase.name === 'resolved')
    : []
  if (request.json) {
    for (const { incident, acknowledgement, quiet } of live)
      io.out(`${printableJson(JSON.stringify({ ...incident, acknowledgement, quiet }))}\n`)
    for (const incident of ended) io.out(`${printableJson(JSON.stringify(incident))}\n`)
  } else {
    const silences = await store.quiet.silences(now)
    const paint = painter(io.terminal)
    io.out(renderLive(live, asking.timezone, now, paint))
    if (silences.length > 0)
      io.out(`\nSilences\n${silences.map((one) => `  ${silenceLine(one, asking.timezone)}\n`).join('')}`)
    if (ended.length > 0)
      io.out(
        `\nEnded\n${ended.map((incident) => renderIncident(unanswered(incident), asking.timezone, now, paint)).join('')}`,
      )
  }
  return live.some(({ incident }) => isOpen(incident)) ? EXIT.findings : EXIT.ok
}

async function listLive({ store, config, timezone }: Asking, now: UnixMs): Promise<readonly Listed[]> {
  const acknowledgements = await store.quiet.acknowledgements()
  const quiet = quietNow(
    await store.quiet.silences(now),
    { maintenance: config?.maintenance ?? [], timezone },
    now,
  )
  const domains = new Map(config?.domains.map((domain) => [domain.name, domain]))
  return (await store.incidents.live()).toSorted(worstFirst).map((incident) => ({
    incident,
    acknowledgement: acknowledgementOf(incident, acknowledgements),
    quiet: quiet(
      incident.latest.code,
      incident.domain === null ? null : (domains.get(incident.domain) ?? null),
    ),
  }))
}

function unanswered(incident: Incident): Listed {
  return { incident, acknowledgement: null, quiet: null }
}

function renderLive(live: readonly Listed[], timezone: string, now: UnixMs, paint: Paint): string {
  const open = live.filter(({ incident }) => isOpen(incident))
  const suspected = live.length - open.length
  const listed = open.map((one) => renderIncident(one, timezone, now, paint)).join('')
  return `${listed || 'No incident is open.\n'}${suspected > 0 ? `${suspected} suspected, not yet confirmed.\n` : ''}`
}

function renderIncident(
  { incident, acknowledgement, quiet }: Listed,
  timezone: string,
  now: UnixMs,
  paint: Paint,
): string {
  const { id, domain, latest, phase, firstSeenAt } = incident
  const who = domain === null ? 'stswatch itself' : displayDomainName(domain)
  const when =
    phase.name === 'resolved'
      ? `from ${instantText(phase.openedAt, timezone)} to ${instantText(phase.resolvedAt, timezone)}`
      : `since ${instantText(firstSeenAt, timezone)} (${durationText(now - firstSeenAt)})${phase.name === 'recovering' ? ', recovering' : ''}`
  const mark = paint(SEVERITY_STYLE[latest.severity], SEVERITY_MARK[latest.severity])
  const answers = [
    ...(acknowledgement === null ? [] : [acknowledgedLine(acknowledgement, timezone)]),
    ...(quiet === null ? [] : [`kept quiet by ${display(quiet)}`]),
  ]
  return [
    `${mark} ${paint('bold', who)}: ${describe(latest, { timezone, now }).title}`,
    `    ${when}  ${paint('dim', `stswatch explain ${id}`)}`,
    ...answers.map((line) => `    ${paint('green', line)}`),
    '',
  ].join('\n')
}

function acknowledgedLine({ by, at, note }: Acknowledgement, timezone: string): string {
  return `${display(by)} looks after it since ${instantText(at, timezone)}${note === null ? '' : `: ${display(note)}`}`
}

function isOpen({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}

function worstFirst(a: Incident, b: Incident): number {
  const rank = ({ latest }: Incident) => ['critical', 'warning', 'info'].indexOf(latest.severity)
  return rank(a) - rank(b) || a.firstSeenAt - b.firstSeenAt
}
