import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, SEVERITY_MARK, SEVERITY_STYLE } from './paint.ts'

export interface IncidentsRequest {
  readonly configFile: string
  readonly all: boolean
  readonly json: boolean
}

const MAX_ENDED = 200

/** `incidents`: what is open, worst and oldest first; with `--all` what has ended too. Exit status 1 while any is open. */
export async function incidentsCommand(request: IncidentsRequest, io: Io): Promise<number> {
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  const asking = opened.value
  await using store = asking.store
  const live = [...(await store.incidents.live())].sort(worstFirst)
  const ended = request.all
    ? (await store.incidents.recent(MAX_ENDED)).filter(({ phase }) => phase.name === 'resolved')
    : []
  if (request.json)
    for (const incident of [...live, ...ended]) io.out(`${printableJson(JSON.stringify(incident))}\n`)
  else {
    const paint = painter(io.terminal)
    const now = systemClock.now()
    const open = live.filter(isOpen)
    io.out(
      open.length === 0
        ? 'No incident is open.\n'
        : open.map((incident) => renderIncident(incident, asking.timezone, now, paint)).join(''),
    )
    const suspected = live.length - open.length
    if (suspected > 0) io.out(`${suspected} suspected, not yet confirmed.\n`)
    if (ended.length > 0)
      io.out(
        `\nEnded\n${ended.map((incident) => renderIncident(incident, asking.timezone, now, paint)).join('')}`,
      )
  }
  return live.some(isOpen) ? EXIT.findings : EXIT.ok
}

function renderIncident(
  { id, domain, latest, phase, firstSeenAt }: Incident,
  timezone: string,
  now: UnixMs,
  paint: Paint,
): string {
  const who = domain === null ? 'stswatch itself' : displayDomainName(domain)
  const when =
    phase.name === 'resolved'
      ? `from ${instantText(phase.openedAt, timezone)} to ${instantText(phase.resolvedAt, timezone)}`
      : `since ${instantText(firstSeenAt, timezone)} (${durationText(now - firstSeenAt)})${phase.name === 'recovering' ? ', recovering' : ''}`
  const mark = paint(SEVERITY_STYLE[latest.severity], SEVERITY_MARK[latest.severity])
  return `${mark} ${paint('bold', who)}: ${describe(latest, { timezone, now }).title}\n    ${when}  ${paint('dim', `stswatch explain ${id}`)}\n`
}

function isOpen({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}

function worstFirst(a: Incident, b: Incident): number {
  const rank = ({ latest }: Incident) => ['critical', 'warning', 'info'].indexOf(latest.severity)
  return rank(a) - rank(b) || a.firstSeenAt - b.firstSeenAt
}
