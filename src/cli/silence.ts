import { instantText } from '../announce/text-time.ts'
import { beginSilence } from '../app/jobs/answer.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { matchesSilence, parseSilencePattern, type SilencePattern } from '../incident/silence.ts'
import { display } from '../lib/display.ts'
import { parseDuration } from '../lib/duration.ts'
import { randomId } from '../lib/id.ts'
import { parseMoment } from '../lib/moment.ts'
import { printableJson } from '../lib/printable-json.ts'
import { DAY_MS, systemClock, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import type { Silence, SilenceId } from '../model/silence.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { personOf } from './person.ts'

export interface SilenceRequest {
  readonly configFile: string
  readonly pattern: string
  /** One of the two is null, or both, which is refused. */
  readonly for: string | null
  readonly until: string | null
  readonly reason: string | null
  /** Null: the name of the user. */
  readonly by: string | null
}

const LONGEST_MS = 366 * DAY_MS
/** A silence of many conversations is not told in each of them. */
const THREADS_MAX = 10

/** `silence PATTERN`: nothing is told of what it names until then. It is still watched, and told afterwards if it lasts. */
export async function silenceCommand(request: SilenceRequest, io: Io): Promise<number> {
  const pattern = parseSilencePattern(request.pattern)
  if (!pattern.ok) return refuse(io, `"${display(request.pattern)}" is no pattern: ${pattern.error}`)
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  const { store: held, config, timezone } = opened.value
  await using store = held
  const now = systemClock.now()
  const unwatched = unwatchedIn(pattern.value, config)
  if (unwatched !== null) return refuse(io, unwatched)
  const until = endOf(request, now, timezone)
  if (typeof until === 'string') return refuse(io, until)
  const matched = (await store.incidents.live()).filter(
    (incident) => isOpen(incident) && isNamed(pattern.value, incident, config),
  )
  const threads = new Set(matched.map(({ thread }) => thread))
  const silence = await beginSilence(
    { pattern: request.pattern, until, by: request.by ?? personOf(io), reason: request.reason },
    threads.size > THREADS_MAX ? [] : matched,
    { store, config, now, newId: randomId },
  )
  io.out(
    `${silence.id}: quiet about ${display(silence.pattern)} until ${instantText(until, timezone)}; ${matched.length} open incidents are of this kind.\nEnd it earlier with: stswatch silence end ${silence.id}\n`,
  )
  return EXIT.ok
}

/** A mistyped code can pass for a domain: one that nobody watches is refused. Null: nothing is wrong. */
function unwatchedIn({ who }: SilencePattern, config: WatchConfig | null): string | null {
  if (config === null || who?.kind !== 'domain') return null
  if (config.domains.some(({ name }) => name === who.name)) return null
  return `${display(who.name)} is neither a finding code nor a watched domain. Codes: docs/findings.md; domains: stswatch watch list`
}

/** The end that is wanted, or what is wrong with it. */
function endOf({ for: span, until }: SilenceRequest, now: UnixMs, timezone: string): UnixMs | string {
  if ((span === null) === (until === null)) return 'say either --for 2h or --until 2026-12-01T20:00'
  const ms = span === null ? null : parseDuration(span)
  const at = until === null ? ms && now + ms : parseMoment(until, timezone)
  if (at === null) {
    return span === null
      ? `--until ${display(until ?? '')}: write a time like 2026-12-01T20:00 (in ${timezone}) or 2026-12-01T20:00Z`
      : `--for ${display(span)}: write a duration like 90m, 2h or 1d`
  }
  if (at <= now) return `--until ${display(until ?? '')} is over already`
  return at > now + LONGEST_MS ? 'a silence lasts a year at most; `ignore:` in watch.yaml is for ever' : at
}

function isNamed(pattern: SilencePattern, { latest, domain }: Incident, config: WatchConfig | null): boolean {
  const tags = config?.domains.find(({ name }) => name === domain)?.tags ?? []
  return matchesSilence(pattern, { code: latest.code, domain, tags })
}

function isOpen({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}

/** `silence list`: those in force, oldest first. */
export async function silenceListCommand(
  { configFile, json }: { readonly configFile: string; readonly json: boolean },
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  const { store: held, timezone } = opened.value
  await using store = held
  const silences = await store.quiet.silences(systemClock.now())
  if (json) for (const silence of silences) io.out(`${printableJson(JSON.stringify(silence))}\n`)
  else
    io.out(
      silences.map((silence) => `${silenceLine(silence, timezone)}\n`).join('') ||
        'No silence is in force.\n',
    )
  return EXIT.ok
}

/** One line for people. */
export function silenceLine({ id, pattern, until, by, reason }: Silence, timezone: string): string {
  const why = reason === null ? '' : `: ${display(reason)}`
  return `${id}  ${display(pattern)}  until ${instantText(until, timezone)}, by ${display(by)}${why}`
}

/** `silence end ID`: what it held back and still lasts is told within a minute. */
export async function silenceEndCommand(
  { configFile, id }: { readonly configFile: string; readonly id: string },
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const ended = await store.quiet.endSilence(id as SilenceId, systemClock.now())
  if (ended === null) {
    io.err(`stswatch silence: none in force is called ${display(id)}. All of them: stswatch silence list\n`)
    return EXIT.noInput
  }
  io.out(`The silence about ${display(ended.pattern)} is over; what still lasts is told within a minute.\n`)
  return EXIT.ok
}

function refuse(io: Io, message: string): number {
  io.err(`stswatch silence: ${message}\n`)
  return EXIT.usage
}
