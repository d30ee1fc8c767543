import { describe } from '../announce/describe.ts'
import { settlingText } from '../announce/settling-words.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { DAY_MS, SECOND_MS, systemClock, type UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { Transition } from '../model/incident.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import { type DomainName, displayDomainName, parseDomainName } from '../protocol/domain-name.ts'
import { type Asking, openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, SEVERITY_STYLE } from './paint.ts'
import { renderLook } from './render-look.ts'

export interface HistoryRequest {
  readonly configFile: string
  readonly domain: string
  /** An instant in ISO 8601; null for the timeline. */
  readonly at: string | null
  readonly days: string
  readonly json: boolean
}

const MAX_CHANGES = 1_000

/** `history DOMAIN`: the timeline with readable differences and the cache-horizon ledger, or the state at one instant. */
export async function historyCommand(request: HistoryRequest, io: Io): Promise<number> {
  const domain = parseDomainName(request.domain)
  const days = Number(request.days)
  const at = request.at === null ? null : Date.parse(request.at)
  if (domain === null) return refuse(io, `"${display(request.domain)}" is no domain name`)
  if (!Number.isFinite(days) || days <= 0)
    return refuse(io, `--days ${display(request.days)}: write a number of days, like 30`)
  if (Number.isNaN(at))
    return refuse(io, `--at ${display(request.at ?? '')}: write a time like 2026-11-20T12:00Z`)
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  const asking = opened.value
  await using _store = asking.store
  // Awaited here: the database stays open until it ends.
  return at === null
    ? await timeline(domain, systemClock.now() - days * DAY_MS, asking, request.json, io)
    : await stateAt(domain, at, asking, request.json, io)
}

async function timeline(
  domain: DomainName,
  since: UnixMs,
  { store, timezone }: Asking,
  json: boolean,
  io: Io,
): Promise<number> {
  const [looks, changes, policyVersions, transitions] = await Promise.all([
    store.snapshots.lookSummary(domain),
    store.snapshots.changes(domain, since, MAX_CHANGES),
    store.snapshots.policyVersions(domain),
    store.incidents.transitionsOfDomain(domain, since),
  ])
  if (looks === null) return never(domain, io)
  if (json) {
    io.out(`${printableJson(JSON.stringify({ domain, looks, changes, policyVersions, transitions }))}\n`)
    return EXIT.ok
  }
  const paint = painter(io.terminal)
  const instant = (moment: UnixMs) => instantText(moment, timezone)
  const events = [
    ...changes.map((change) => ({ at: change.at, text: renderChange(change, instant, paint) })),
    ...transitions.filter(isTold).map((step) => ({ at: step.at, text: renderStep(step, timezone, paint) })),
  ].sort((a, b) => a.at - b.at)
  io.out(
    `${paint('bold', displayDomainName(domain))}  ${looks.looks} looks from ${instant(looks.firstAt)} to ${instant(looks.lastAt)}\n\n`,
  )
  io.out(
    events.map(({ at, text }) => `${paint('dim', instant(at))}  ${text}\n`).join('') ||
      'Nothing happened in this time.\n',
  )
  if (policyVersions.length > 0) {
    io.out(`\n${paint('bold', 'Policy versions, and until when a sender may hold them')}\n`)
    for (const version of policyVersions) io.out(renderVersion(version, instant, paint))
  }
  return EXIT.ok
}

function isTold({ reason }: Transition): boolean {
  return ['opened', 'worsened', 'resolved', 'flapping', 'steadied'].includes(reason)
}

function renderStep({ reason, incident, at }: Transition, timezone: string, paint: Paint): string {
  const { title } = describe(incident.latest, { timezone, now: at })
  const style = reason === 'resolved' ? 'green' : SEVERITY_STYLE[incident.latest.severity]
  return `${paint(style, reason)}: ${title}  ${paint('dim', `stswatch explain ${incident.id}`)}`
}

function renderChange(
  { summary, removed, added, settles }: Change,
  instant: (at: UnixMs) => string,
  paint: Paint,
): string {
  const lines = [
    ...removed.map((line) => paint('red', `    - ${display(line, 1_000)}`)),
    ...added.map((line) => paint('green', `    + ${display(line, 1_000)}`)),
  ]
  const spreads =
    settles === null ? [] : [paint('dim', `    ${display(settlingText(settles, instant), 1_000)}`)]
  return [display(summary, 1_000), ...lines, ...spreads].join('\n')
}

function renderVersion(version: PolicyVersion, instant: (at: UnixMs) => string, paint: Paint): string {
  const held = version.horizonAt > systemClock.now()
  const until = `${held ? 'may be held' : 'was held at most'} until ${instant(version.horizonAt)}`
  return `  id ${version.recordId ?? '(no record seen)'}  ${version.mode}, max_age ${durationText(version.maxAgeSeconds * SECOND_MS)}, mx ${version.mxPatterns.join(' ')}\n    served ${instant(version.firstSeenAt)} to ${instant(version.lastSeenAt)}, ${paint(held ? 'yellow' : 'dim', until)}\n`
}

async function stateAt(
  domain: DomainName,
  at: UnixMs,
  { store, timezone }: Asking,
  json: boolean,
  io: Io,
): Promise<number> {
  const snapshot = await store.snapshots.at(domain, at)
  if (snapshot === null) return never(domain, io)
  if (json) io.out(`${printableJson(JSON.stringify(snapshot))}\n`)
  else
    io.out(
      `${displayDomainName(domain)} as known at ${instantText(at, timezone)}\n${renderLook(snapshot, at, painter(io.terminal))}`,
    )
  return EXIT.ok
}

function never(domain: DomainName, io: Io): number {
  io.err(
    `stswatch: ${displayDomainName(domain)} was not looked at by then. Watched domains: stswatch watch list\n`,
  )
  return EXIT.noInput
}

function refuse(io: Io, message: string): number {
  io.err(`stswatch history: ${message}\n`)
  return EXIT.usage
}
