import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Monitor } from '../app/monitor.ts'
import { openProbe, REAL_WORLD, type World } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { type DaneOutcome, daneOutcomes } from '../check/dane-outcome.ts'
import { diff } from '../check/diff.ts'
import { isOfDns } from '../check/echo.ts'
import { gatherFacts } from '../check/facts.ts'
import { judgeLook } from '../check/judge.ts'
import { rolloversOf } from '../check/rollover-findings.ts'
import { seenAlone, suppose } from '../check/suppose.ts'
import { formatConfigProblems } from '../config/config-problem.ts'
import { parseWatchedName } from '../config/domain-hint.ts'
import { loadContext } from '../config/load-context.ts'
import { parseWatchConfig } from '../config/parse-watch-config.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { inhibit } from '../incident/inhibit.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { printableJson } from '../lib/printable-json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { MINUTE_MS, systemClock } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import { isOpenQuestion, type Judgement } from '../model/finding.ts'
import type { Rollover } from '../model/rollover.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Supposition } from '../model/supposition.ts'
import type { Probe } from '../probe/probe.ts'
import { createSupposedResolver } from '../probe/supposed-resolver.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { loadEnv, loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { Memory } from './memory.ts'
import { renderCheck } from './render-check.ts'
import { readResolvers } from './resolver-options.ts'
import { isAnythingSupposed, readSupposition, type SupposeOptions } from './suppose-options.ts'

export interface CheckRequest {
  readonly configFile: string
  readonly domains: readonly string[]
  readonly json: boolean
  readonly fromFile: string | null
  readonly resolvers: readonly string[]
  readonly suppose: SupposeOptions
}

/** One domain looked at and judged, outside any schedule. */
export interface Checked {
  readonly snapshot: Snapshot
  readonly judgement: Judgement
  readonly dane: readonly DaneOutcome[]
  /** Null: the world as it is. */
  readonly supposed: Supposition | null
  /** Of the DNS, since the last look that is remembered. */
  readonly changes: readonly Change[]
  /** How far changes of keys have come that `hosts` announces. */
  readonly rollovers: readonly Rollover[]
  readonly tookMs: number
}

/** What a look of the command line is made with. */
export interface LookTools {
  readonly world: World
  readonly memory: Memory
  readonly io: Io
  readonly supposed: Supposition | null
}

const AT_ONCE = 16
/** Domains of one command share what was asked of their zones. */
const SHARED_ZONE_AGE_MS = MINUTE_MS

/** `check`: looks once, tells everything, remembers nothing. Exit status 1 with findings, 3 when something stayed undecided. */
export async function checkCommand(
  request: CheckRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const names = await wantedNames(request, io)
  if (!names.ok) return refuse(io, names.error)
  const resolvers = readResolvers(request.resolvers)
  if (!resolvers.ok) return refuse(io, resolvers.error)
  const env = loadEnv(io)
  const config = env === null ? null : await configFor(request.configFile, names.value, io)
  if (env === null || config === null) return EXIT.config
  const settings = resolvers.value.length > 0 ? { ...config, resolvers: resolvers.value } : config
  const supposed = await suppositionOf(request, names.value, io)
  if (typeof supposed === 'number') return supposed

  await using memory = new Memory(env, io)
  let worst: number = EXIT.ok
  for await (const checked of lookAtAll(settings, names.value, { world, memory, io, supposed })) {
    io.out(
      request.json
        ? `${printableJson(JSON.stringify(asJson(checked)))}\n`
        : renderCheck(checked, settings.timezone, io),
    )
    worst = worse(worst, statusOf(checked.judgement))
  }
  return worst
}

/** Null where the world is to be judged as it is; the exit status after the reason was told. */
async function suppositionOf(
  { suppose: options }: CheckRequest,
  [domain, ...more]: readonly DomainName[],
  io: Io,
): Promise<Supposition | null | number> {
  if (!isAnythingSupposed(options) || domain === undefined) return null
  if (more.length > 0)
    return refuse(io, '--policy, --mx, --tlsa and --sts-record are for one domain at a time')
  const supposed = await readSupposition(options, domain, io)
  if (supposed.ok) return supposed.value
  return typeof supposed.error === 'number' ? supposed.error : refuse(io, supposed.error)
}

/** Looks a few at once and gives the results in the order of the names. */
export async function* lookAtAll(
  config: WatchConfig,
  names: readonly DomainName[],
  { world, memory, io, supposed }: LookTools,
): AsyncGenerator<Checked> {
  const real = openResolver(config, systemClock, world.limits)
  const resolver = supposed === null ? real : createSupposedResolver(real, supposed)
  const probe = openProbe(config, resolver, systemClock, randomId, world)
  const monitor = new Monitor(systemClock)
  const signal = new AbortController().signal
  const started: Promise<Checked>[] = []
  for (const [index, name] of names.entries()) {
    for (let ahead = started.length; ahead < Math.min(names.length, index + AT_ONCE); ahead += 1) {
      const next = names[ahead]
      if (next === undefined) continue
      const look = checkOnce(domainOf(config, next), config, { probe, monitor, memory, supposed }, signal)
      // Awaited in its turn; after a failure nobody waits for those behind it.
      look.catch(() => {})
      started.push(look)
    }
    if (io.terminal) io.err(`\r\x1b[K${progress(index, names.length, name)}`)
    const checked = await started[index]
    if (io.terminal) io.err('\r\x1b[K')
    if (checked !== undefined) yield checked
  }
}

type CheckTools = Pick<LookTools, 'memory' | 'supposed'> & {
  readonly probe: Probe
  readonly monitor: Monitor
}

async function checkOnce(
  domain: WatchedDomain,
  config: WatchConfig,
  { probe, monitor, memory, supposed }: CheckTools,
  signal: AbortSignal,
): Promise<Checked> {
  const began = systemClock.monotonicMs()
  const [looked, remembered] = await Promise.all([
    probe.domain(domain.name, 0, signal, domain),
    memory.of(domain.name),
  ])
  // A supposed world has no servers, no past, and no time in which the change of a key could come further.
  const isReal = supposed === null
  const zones = isReal && domain.nameServers ? await probe.zones(looked, SHARED_ZONE_AGE_MS, signal) : []
  const seen: Snapshot = isReal ? { ...looked, zones } : seenAlone(looked, supposed)
  const snapshot = isReal ? seen : suppose(looked, supposed)
  const vantage = await monitor.prove(seen, { config, probe }, signal)
  const rollovers = isReal ? await memory.rollovers(snapshot, config) : new Map()
  const now = systemClock.now()
  const context = { ...remembered, vantage, rollovers, now }
  const judged = judgeLook(snapshot, domain, context)
  const judgement = inhibit(judged, domain.name, { vantage, clockSkewMs: monitor.clockSkewMs() })
  const coached = rolloversOf({ snapshot, rollovers, vantage, now })
  const changes = isReal ? diff(remembered.before, snapshot).filter(isOfDns) : []
  const dane = daneOutcomes(gatherFacts(snapshot, domain, context))
  const tookMs = systemClock.monotonicMs() - began
  return { snapshot, judgement, dane, supposed, changes, rollovers: coached, tookMs }
}

async function wantedNames(
  { domains, fromFile }: CheckRequest,
  io: Io,
): Promise<Result<readonly DomainName[], string>> {
  let listed: readonly string[]
  try {
    listed =
      fromFile === null
        ? []
        : linesOf(fromFile === '-' ? await readAll(io) : await readFile(fromFile, 'utf8'))
  } catch (error) {
    return err(`${fromFile}: ${(error as Error).message}`)
  }
  const words = [...domains, ...listed]
  const names: DomainName[] = []
  for (const word of words) {
    const name = parseWatchedName(word)
    if (name === null) return err(`"${display(word)}" is no domain name; write it like example.org`)
    names.push(name)
  }
  return names.length > 0 ? ok([...new Set(names)]) : err('no domain given; try: stswatch check example.org')
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
}

async function readAll(io: Io): Promise<string> {
  let text = ''
  for await (const piece of io.stdin) text += piece.toString()
  return text
}

/** The installation's own configuration where there is one; a domain that it does not list gets the defaults. */
export async function configFor(
  file: string,
  names: readonly DomainName[],
  io: Io,
): Promise<WatchConfig | null> {
  const plain = parseWatchConfig(
    JSON.stringify({ domains: names }),
    'command line',
    loadContext(io.env, systemClock),
  )
  if (!plain.ok) {
    io.err(`${formatConfigProblems(plain.problems)}\n`)
    return null
  }
  if (!existsSync(file)) return plain.config
  const installation = await loadInstallation(file, io)
  if (installation === null) return null
  const listed = new Set(installation.config.domains.map(({ name }) => name))
  const others = plain.config.domains.filter(({ name }) => !listed.has(name))
  return { ...installation.config, domains: [...installation.config.domains, ...others] }
}

export function domainOf(config: WatchConfig, name: DomainName): WatchedDomain {
  const domain = config.domains.find((one) => one.name === name)
  if (domain === undefined) throw new Error(`${name} is not in the configuration made for it`)
  return domain
}

function asJson(checked: Checked): Readonly<Record<string, unknown>> {
  const { snapshot, judgement, dane, supposed, changes, rollovers, tookMs } = checked
  const { findings, undecided } = judgement
  return {
    domain: snapshot.domain,
    ...(supposed === null ? {} : { supposed }),
    status: statusOf(judgement),
    tookMs: Math.round(tookMs),
    findings,
    undecided,
    dane,
    changes,
    rollovers,
    snapshot,
  }
}

function statusOf({ findings, undecided }: Judgement): number {
  if (findings.length > 0) return EXIT.findings
  return undecided.some(isOpenQuestion) ? EXIT.undecided : EXIT.ok
}

function worse(one: number, other: number): number {
  const order: readonly number[] = [EXIT.ok, EXIT.undecided, EXIT.findings]
  return order.indexOf(one) > order.indexOf(other) ? one : other
}

function progress(done: number, of: number, name: string): string {
  return of === 1 ? `looking at ${name} …` : `${done}/${of} looking at ${name} …`
}

function refuse(io: Io, message: string): number {
  io.err(`stswatch check: ${message}\n`)
  return EXIT.usage
}
