import type { DescribeContext } from '../announce/words.ts'
import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { parseWatchedName } from '../config/domain-hint.ts'
import { readStagedFile } from '../config/staged-key-file.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { type Clock, systemClock } from '../lib/time.ts'
import type { Plan, PlanKind } from '../model/plan.ts'
import type { Notifier } from '../notify/notifier.ts'
import { makePlan, type PlanGoal } from '../plan/make-plan.ts'
import { nextLookMs, type PlanNews, planNews } from '../plan/plan-news.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { configFor, domainOf } from './check.ts'
import { loadEnv } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { openPlanChannel, sendNews } from './plan-channel.ts'
import { PlanLooker } from './plan-looker.ts'
import { processSignals } from './process-signals.ts'
import { renderNews, renderPlan } from './render-plan.ts'
import { readResolvers } from './resolver-options.ts'

export interface PlanRequest {
  readonly configFile: string
  readonly kind: PlanKind
  readonly domain: string
  /** The MX hosts after the change, for `change-mx`. */
  readonly newHosts: readonly string[]
  /** For `roll-tlsa`. */
  readonly host: string | null
  readonly nextCert: string | null
  readonly nextKey: string | null
  readonly watch: boolean
  readonly channel: string | null
  readonly json: boolean
  readonly resolvers: readonly string[]
}

export interface PlanTools {
  readonly world: World
  readonly clock: Clock
  /** Null: the signals of the process end the watch. */
  readonly stop: AbortSignal | null
  /** PEM roots for the mail server of a channel; null: the system's. */
  readonly smtpCa: string | null
}

const REAL_TOOLS: PlanTools = { world: REAL_WORLD, clock: systemClock, stop: null, smtpCa: null }

/**
 * `plan`: looks at the domain and prints the ordered steps of a change; with `--watch` it goes on until all are done.
 * Exit status 0, 1 when a step was done too early or something blocks the next one, 3 when we could not find out.
 */
export async function planCommand(
  request: PlanRequest,
  io: Io,
  tools: PlanTools = REAL_TOOLS,
): Promise<number> {
  const name = parseWatchedName(request.domain)
  if (name === null) return refuse(io, `"${display(request.domain)}" is no domain name`)
  if (request.channel !== null && !request.watch) {
    return refuse(io, '--channel goes with --watch: what is printed once needs no channel')
  }
  const goal = goalOf(request, name)
  if (!goal.ok) return refuse(io, goal.error)
  const resolvers = readResolvers(request.resolvers)
  if (!resolvers.ok) return refuse(io, resolvers.error)
  const env = loadEnv(io)
  const config = env === null ? null : await configFor(request.configFile, [name], io)
  if (env === null || config === null) return EXIT.config
  const settings = resolvers.value.length > 0 ? { ...config, resolvers: resolvers.value } : config
  const { clock, smtpCa } = tools
  const channel =
    request.channel === null ? null : openPlanChannel(request.channel, { config, env }, { io, clock, smtpCa })
  if (channel?.ok === false) return refuse(io, channel.error)
  await using store = await openMemory(env, io)
  const isRemembered = store !== null && (await store.snapshots.lookSummary(name)) !== null
  const looker = new PlanLooker(settings, domainOf(settings, name), {
    ...tools,
    store: isRemembered ? store : null,
  })
  const following = {
    request,
    goal: goal.value,
    config: settings,
    looker,
    io,
    clock,
    channel: channel?.value ?? null,
  }
  return request.watch ? await watchPlan(following, tools.stop) : await printOnce(following)
}

interface Following {
  readonly request: PlanRequest
  readonly goal: PlanGoal
  readonly config: WatchConfig
  readonly looker: PlanLooker
  readonly io: Io
  readonly clock: Clock
  readonly channel: Notifier | null
}

async function printOnce(following: Following): Promise<number> {
  const plan = await planNow(following, new AbortController().signal)
  show(plan, null, following)
  return statusOf(plan)
}

/** Looks until the plan is done or somebody stops it; what came too early once is not forgotten. */
async function watchPlan(following: Following, stop: AbortSignal | null): Promise<number> {
  const signals = stop === null ? processSignals() : null
  await using _signals = signals
  const signal = stop ?? signals?.stop ?? new AbortController().signal
  let before: Plan | null = null
  let wasEarly = false
  try {
    for (;;) {
      const plan: Plan = await planNow(following, signal)
      signal.throwIfAborted()
      const news = planNews(before, plan)
      show(plan, before === null ? null : news, following)
      await tellChannel(news, plan, following, signal)
      wasEarly ||= plan.tooEarly.length > 0
      before = plan
      if (plan.state === 'done') break
      await following.clock.sleep(nextLookMs(plan, following.clock.now()), signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (wasEarly) return EXIT.findings
  return before === null ? EXIT.undecided : statusOf(before)
}

async function planNow({ looker, goal, io, request }: Following, signal: AbortSignal): Promise<Plan> {
  if (io.terminal) io.err(`\r\x1b[Klooking at ${display(request.domain)} …`)
  const world = await looker.look(goal, signal)
  if (io.terminal) io.err('\r\x1b[K')
  return makePlan(world, goal)
}

/** The whole plan at the first look (`news` null), then only what is new. */
function show(plan: Plan, news: readonly PlanNews[] | null, { request, config, io }: Following): void {
  if (request.json) {
    if (news === null || news.length > 0) io.out(`${printableJson(JSON.stringify(plan))}\n`)
    return
  }
  const context = contextOf(plan, config)
  if (news === null) io.out(renderPlan(plan, context, io))
  else for (const one of news) io.out(`\n${renderNews(one, plan, context, io)}`)
}

async function tellChannel(
  news: readonly PlanNews[],
  plan: Plan,
  { channel, config, io }: Following,
  signal: AbortSignal,
): Promise<void> {
  if (channel === null) return
  for (const one of news) {
    const delivery = await sendNews(one, plan, contextOf(plan, config), channel, signal)
    if (delivery.outcome !== 'delivered') io.err(`not delivered by ${channel.id}: ${delivery.error}\n`)
  }
}

function contextOf(plan: Plan, { timezone }: WatchConfig): DescribeContext {
  return { timezone, now: plan.madeAt }
}

function statusOf({ state, tooEarly }: Plan): number {
  if (tooEarly.length > 0 || state === 'blocked') return EXIT.findings
  return state === 'undecided' ? EXIT.undecided : EXIT.ok
}

function goalOf(request: PlanRequest, domain: DomainName): Result<PlanGoal, string> {
  switch (request.kind) {
    case 'change-mx':
      return changeGoal(request.newHosts)
    case 'roll-tlsa':
      return rollGoal(request, domain)
    default:
      return ok({ kind: request.kind })
  }
}

function changeGoal(words: readonly string[]): Result<PlanGoal, string> {
  const hosts: DomainName[] = []
  for (const word of words) {
    const host = parseWatchedName(word)
    if (host === null) return err(`"${display(word)}" is no host name`)
    hosts.push(host)
  }
  return hosts.length === 0
    ? err('name the MX hosts after the change: stswatch plan change-mx example.org mx1.example.net')
    : ok({ kind: 'change-mx', hosts: [...new Set(hosts)] })
}

function rollGoal({ host, nextCert, nextKey }: PlanRequest, domain: DomainName): Result<PlanGoal, string> {
  const name = host === null ? null : parseWatchedName(host)
  if (name === null) return err(`name the MX host of ${domain} with --host, like --host mx1.${domain}`)
  const given = nextCert === null ? nextKey : nextCert
  if (given === null || (nextCert !== null && nextKey !== null)) {
    return err('give the coming certificate with --next-cert FILE, or its key with --next-key FILE')
  }
  const option = nextCert === null ? '--next-key' : '--next-cert'
  const next = readStagedFile(given)
  if (!next.ok) return err(`${option} ${given}: ${next.error}`)
  return ok({ kind: 'roll-tlsa', staged: { host: name, source: given, ...next.value } })
}

function refuse(io: Io, message: string): number {
  io.err(`stswatch plan: ${message}\n`)
  return EXIT.usage
}
