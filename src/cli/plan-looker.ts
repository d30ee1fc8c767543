import { Monitor } from '../app/monitor.ts'
import { mxJoined } from '../app/mx-joined.ts'
import { openProbe, type World } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { loadReportWindow, REPORT_WINDOW_DAYS } from '../app/report-window.ts'
import { stagedRollovers } from '../app/staged-rollovers.ts'
import { diff } from '../check/diff.ts'
import { gatherFacts } from '../check/facts.ts'
import { type JudgeContext, judge } from '../check/judge.ts'
import { otherVersions, policyVersionOf } from '../check/policy-version.ts'
import { readiness } from '../check/readiness.ts'
import { rolloversOf } from '../check/rollover-findings.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { inhibit } from '../incident/inhibit.ts'
import { randomId } from '../lib/id.ts'
import { type Clock, DAY_MS, MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { Judgement } from '../model/finding.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import { NO_REPORTS } from '../model/report-window.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { PlanGoal } from '../plan/make-plan.ts'
import type { PlanWorld } from '../plan/plan-world.ts'
import type { HostProbe, Probe } from '../probe/probe.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import { HostMemory } from './host-memory.ts'

/** Longer than any policy that anybody should publish, and short enough to be read at every look. */
const CHANGES_DAYS = 90
const CHANGES_MAX = 2_000
/** A host's certificate is what one plan is about; for the others a quarter of an hour is soon enough. */
const HOST_AGE_MS = 15 * MINUTE_MS

export interface LookerTools {
  readonly world: World
  readonly clock: Clock
  /** Null: nothing is remembered of the domain but what this sees itself. */
  readonly store: Store | null
}

/** Looks at one domain again and again, and keeps in mind what it saw besides what the store remembers. */
export class PlanLooker {
  readonly #config: WatchConfig
  readonly #domain: WatchedDomain
  readonly #tools: LookerTools
  readonly #probe: Probe & HostProbe
  readonly #monitor: Monitor
  readonly #begunAt: UnixMs
  readonly #host = new HostMemory()
  #before: Snapshot | null = null
  #versions: readonly PolicyVersion[] = []
  #changes: readonly Change[] = []

  constructor(config: WatchConfig, domain: WatchedDomain, tools: LookerTools) {
    const { clock, world } = tools
    this.#config = config
    this.#domain = domain
    this.#tools = tools
    this.#begunAt = clock.now()
    this.#probe = openProbe(config, openResolver(config, clock, world.limits), clock, randomId, world)
    this.#monitor = new Monitor(clock)
  }

  /** One look, with all that a plan for this goal is made from. */
  async look(goal: PlanGoal, signal: AbortSignal): Promise<PlanWorld> {
    const { clock, store } = this.#tools
    const { name } = this.#domain
    const hostAgeMs = goal.kind === 'roll-tlsa' ? 0 : HOST_AGE_MS
    const rolled = goal.kind === 'roll-tlsa' ? goal.staged.host : null
    const wanted = goal.kind === 'change-mx' ? goal.hosts : []
    const snapshot = await this.#probe.domain(name, hostAgeMs, signal)
    const hosts = await Promise.all(wanted.map((host) => this.#lookAtHost(host, hostAgeMs, signal)))
    const vantage = await this.#monitor.prove(snapshot, { config: this.#config, probe: this.#probe }, signal)
    const now = clock.now()
    const stored = (await store?.snapshots.latestAnswered(name)) ?? null
    const known = merged((await store?.snapshots.policyVersions(name)) ?? [], this.#versions)
    const reports =
      store === null || goal.kind !== 'enforce'
        ? NO_REPORTS
        : await loadReportWindow(name, { now, days: REPORT_WINDOW_DAYS, mailboxReadAt: null }, store)
    const rollovers = await this.#rollovers(snapshot, goal)
    const changes = await this.#allChanges(now)
    const context: JudgeContext = {
      before: stored ?? this.#before,
      versions: known,
      vantage,
      reports,
      mxJoined: mxJoined(changes),
      rollovers,
      now,
    }
    const judgement = this.#judge(snapshot, context)
    const current = policyVersionOf(snapshot, known)
    this.#versions = current === null ? known : [current, ...otherVersions(current, known)]
    this.#changes = [...this.#changes, ...diff(this.#before, snapshot)]
    this.#before = snapshot
    return {
      now,
      facts: gatherFacts(snapshot, this.#domain, { ...context, versions: this.#versions }),
      judgement,
      versions: this.#versions,
      knownSince: (await store?.snapshots.lookSummary(name))?.firstAt ?? this.#begunAt,
      changes: await this.#allChanges(now),
      readiness:
        store === null || goal.kind !== 'enforce'
          ? null
          : readiness(snapshot, this.#domain, { ...context, judgement }, REPORT_WINDOW_DAYS),
      newHosts: { hosts, judgement: this.#judge({ ...snapshot, hosts }, context) },
      rollover:
        rolloversOf({ snapshot, rollovers, vantage, now }).find(({ host }) => host === rolled) ?? null,
      begunAt: this.#begunAt,
    }
  }

  /** Keys that the watch list stages, and the one of the plan. */
  async #rollovers(snapshot: Snapshot, goal: PlanGoal): Promise<JudgeContext['rollovers']> {
    const staged = goal.kind === 'roll-tlsa' ? [[goal.staged.host, goal.staged] as const] : []
    const stagedKeys = new Map([...this.#config.stagedKeys, ...staged])
    const known = await stagedRollovers(snapshot, { stagedKeys }, this.#tools.store?.snapshots ?? null)
    if (goal.kind !== 'roll-tlsa') return known
    const { host: name } = goal.staged
    const host = snapshot.hosts.find((one) => one.name === name)
    const remembered = known.get(name)
    if (host === undefined || remembered === undefined) return known
    const history = this.#host.joined(remembered)
    this.#host.note(host)
    return new Map([...known, [name, { ...remembered, history }]])
  }

  #judge(snapshot: Snapshot, context: JudgeContext): Judgement {
    const trouble = { vantage: context.vantage, clockSkewMs: this.#monitor.clockSkewMs() }
    return inhibit(judge(snapshot, this.#domain, context), this.#domain.name, trouble)
  }

  async #lookAtHost(name: DomainName, maxAgeMs: number, signal: AbortSignal): Promise<MxHost> {
    const look = await this.#probe.mxHost(name, maxAgeMs, signal)
    return { name, preference: 10, source: 'mx', target: 'host', ...look }
  }

  /** What the monitor saw, and what this saw, by time. */
  async #allChanges(now: UnixMs): Promise<readonly Change[]> {
    const since = now - CHANGES_DAYS * DAY_MS
    const stored = (await this.#tools.store?.snapshots.changes(this.#domain.name, since, CHANGES_MAX)) ?? []
    return [...stored, ...this.#changes].toSorted((one, other) => one.at - other.at)
  }
}

/** One line a policy: the earliest and the latest of what either remembers. */
function merged(stored: readonly PolicyVersion[], own: readonly PolicyVersion[]): readonly PolicyVersion[] {
  const lines = new Map<string, PolicyVersion>()
  for (const version of [...stored, ...own]) {
    const key = `${version.recordId ?? ''} ${version.bodySha256}`
    const other = lines.get(key) ?? version
    lines.set(key, {
      ...version,
      firstSeenAt: Math.min(version.firstSeenAt, other.firstSeenAt),
      lastSeenAt: Math.max(version.lastSeenAt, other.lastSeenAt),
      horizonAt: Math.max(version.horizonAt, other.horizonAt),
    })
  }
  return [...lines.values()].toSorted((one, other) => other.lastSeenAt - one.lastSeenAt)
}
