import { isDeepStrictEqual } from 'node:util'
import { announce } from '../../announce/announce.ts'
import { sharedSubject, sharedThread } from '../../announce/thread.ts'
import { diff } from '../../check/diff.ts'
import { ECHO_MS, isOfDns, withoutEchoes } from '../../check/echo.ts'
import { gatherFacts } from '../../check/facts.ts'
import { judge } from '../../check/judge.ts'
import { summarise } from '../../check/mass-failure.ts'
import { policyVersionOf } from '../../check/policy-version.ts'
import { probeSessions } from '../../check/probe-sessions.ts'
import { type RolloverLook, rolloverFactsOf } from '../../check/rollover-findings.ts'
import { NEWS_MS, rolloverNews } from '../../check/rollover-news.ts'
import type { WatchedDomain } from '../../config/watch-config.ts'
import { advance } from '../../incident/advance.ts'
import { inhibit } from '../../incident/inhibit.ts'
import { rememberedSince } from '../../incident/memory-window.ts'
import { CONFIRMING_HOST_AGE_MS, nextLookAt } from '../../incident/next-look.ts'
import { HOUR_MS, type UnixMs } from '../../lib/time.ts'
import type { Change } from '../../model/change.ts'
import {
  type Finding,
  type FindingKey,
  findingKey,
  isOpenQuestion,
  type Judgement,
} from '../../model/finding.ts'
import type { Incident, ThreadId, Transition } from '../../model/incident.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Probe } from '../../probe/probe.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { AppTools } from '../app-tools.ts'
import { loadMxJoined } from '../mx-joined.ts'
import { quietNow } from '../quiet.ts'
import { loadReportWindow, REPORT_WINDOW_DAYS } from '../report-window.ts'
import type { Settings } from '../settings.ts'
import { stagedRollovers } from '../staged-rollovers.ts'

const ZONE_AGE_MS = HOUR_MS

/** More changes than this within two hours are no echoes. */
const CHANGES_MAX = 200

export interface CheckOutcome {
  readonly judgement: Judgement
  readonly transitions: readonly Transition[]
  readonly tookMs: number
  /** When the domain wants to be looked at again before its schedule says so. */
  readonly lookAgainAt: UnixMs | null
}

/**
 * One look at one domain, from the probe to the outbox: what was seen, what it meant and what will be said are written
 * in one transaction. `regularHostAgeMs` is how old another domain's look at a shared MX host may be in a regular look.
 * A look during which a reload dropped or changed the domain leaves nothing behind and is made again.
 */
export async function checkDomain(
  domain: WatchedDomain,
  current: () => Settings,
  regularHostAgeMs: number,
  tools: AppTools,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { store, monitor, clock, newId } = tools
  const settings = current()
  const { config, probe } = settings
  const began = clock.monotonicMs()
  const remembered = await store.incidents.remembered(domain.name, rememberedSince(domain.name, clock.now()))
  const isConfirming = nextLookAt(remembered, clock.now()) !== null
  const maxHostAgeMs = isConfirming ? CONFIRMING_HOST_AGE_MS : regularHostAgeMs
  const looked = await probe.domain(domain.name, maxHostAgeMs, signal, domain)
  const before = await store.snapshots.latestAnswered(domain.name)
  const snapshot = await withZones(
    looked,
    domain,
    isConfirming || diff(before, looked).some(isOfDns),
    probe,
    signal,
  )
  const vantage = await monitor.prove(snapshot, settings, signal)
  // A look that was cut short says nothing about the domain.
  signal.throwIfAborted()

  monitor.usesDane(domain.name, usesDane(domain, [snapshot, before]))
  const versions = await store.snapshots.policyVersions(domain.name)
  const now = clock.now()
  const mxJoined = await loadMxJoined(domain.name, versions, now, store)
  const span = { now, days: REPORT_WINDOW_DAYS, mailboxReadAt: monitor.mailbox.readAt }
  const reports = await loadReportWindow(domain.name, span, store)
  const rollovers = await stagedRollovers(snapshot, config, store.snapshots)
  const context = { before, versions, vantage, reports, mxJoined, rollovers, now }
  const judged = judge(snapshot, domain, context)
  const judgement = inhibit(judged, domain.name, { vantage, clockSkewMs: monitor.clockSkewMs() })
  const outcome = { judgement, tookMs: clock.monotonicMs() - began }
  // What a blind resolver denies is no knowledge: it is neither told nor remembered (R27).
  if (vantage.dns === 'blind') {
    return { ...outcome, transitions: [], lookAgainAt: nextLookAt(remembered, now) }
  }
  // A look that could tell nothing is no sign of health: what the one before said stands (R30).
  if (tellsSomething(judgement)) {
    monitor.recordCheck(summarise(judgement, remembered, snapshot, await firstLookAt(domain, tools)))
  }
  const threads = await openThreads(judgement.findings, tools)
  const remembers = remembered.filter(({ latest }) => sharedSubject(latest) !== null)
  const conversations = [...threads.values(), ...remembers.map(({ thread }) => thread)]
  const shared = await sharedWithOthers(conversations, domain.name, tools)
  const transitions = advance(remembered, judgement, now, {
    newId,
    threadFor: (finding) =>
      threads.get(findingKey(finding.code, null, finding.subject)) ?? sharedThread(finding, now),
    hold: (finding) => monitor.holds(finding),
    resolvers: config.resolvers.length,
  })
  const changes = [
    ...(await changesSince(before, snapshot, now, tools)),
    ...(await nextSteps({ snapshot, rollovers, vantage, now }, tools)),
  ]
  const notifications = announce(transitions, changes, domain, config, {
    now,
    newId,
    ...tools.grouping,
    joinsOthers: (incident) => shared.has(incident.thread),
    quiet: quietNow(await store.quiet.silences(now), config, now),
  })
  const policyVersion = policyVersionOf(snapshot, versions)
  // Asked last: what a reload closes must not be opened again by what was seen before it.
  if (!isStillWatched(domain, current())) return { ...outcome, transitions: [], lookAgainAt: clock.now() }
  const isUndecided = judgement.undecided.some(isOpenQuestion)
  const sessions = domain.submitReports
    ? probeSessions(gatherFacts(snapshot, domain, context), before?.takenAt ?? 0)
    : []
  await store.commitCheck({
    snapshot,
    isUndecided,
    changes,
    policyVersion,
    transitions,
    notifications,
    sessions,
  })
  return {
    ...outcome,
    transitions,
    lookAgainAt: nextLookAt(afterwards(remembered, transitions), clock.now()),
  }
}

/** Every authoritative server costs questions: once an hour is enough, but while something is in question or in motion. */
async function withZones(
  snapshot: Snapshot,
  { nameServers }: WatchedDomain,
  isUrgent: boolean,
  probe: Probe,
  signal: AbortSignal,
): Promise<Snapshot> {
  if (!nameServers) return snapshot
  return {
    ...snapshot,
    zones: await probe.zones(snapshot, isUrgent ? CONFIRMING_HOST_AGE_MS : ZONE_AGE_MS, signal),
  }
}

/** Without validation no TLSA record is asked for: then what was seen before counts. */
function usesDane({ dane }: WatchedDomain, looks: readonly (Snapshot | null)[]): boolean {
  if (dane !== 'if-present') return dane === 'required'
  return looks.some((look) => look?.hosts.some(({ tlsa }) => tlsa.outcome === 'seen'))
}

function isStillWatched(domain: WatchedDomain, { config }: Settings): boolean {
  return config.domains.some((watched) => isDeepStrictEqual(watched, domain))
}

/** The conversations that are open, at whichever domain, about what these findings share with other domains. */
async function openThreads(
  findings: readonly Finding[],
  { store }: AppTools,
): Promise<ReadonlyMap<FindingKey, ThreadId>> {
  const threads = new Map<FindingKey, ThreadId>()
  for (const finding of findings) {
    const subject = sharedSubject(finding)
    const thread = subject === null ? null : await store.incidents.openThread(finding.code, subject)
    if (thread !== null) threads.set(findingKey(finding.code, null, subject), thread)
  }
  return threads
}

/** Those of the conversations that live incidents of other domains are told in. */
async function sharedWithOthers(
  threads: readonly ThreadId[],
  domain: DomainName,
  { store }: AppTools,
): Promise<ReadonlySet<ThreadId>> {
  const shared = new Set<ThreadId>()
  for (const thread of new Set(threads)) {
    const members = await store.incidents.ofThread(thread)
    if (members.some((member) => member.domain !== domain && isLasting(member))) shared.add(thread)
  }
  return shared
}

function isLasting({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}

function tellsSomething({ findings, undecided }: Judgement): boolean {
  return findings.length > 0 || !undecided.some(isOpenQuestion)
}

/** Echoes of what was seen before are remembered, not told. */
async function changesSince(
  before: Snapshot | null,
  snapshot: Snapshot,
  now: UnixMs,
  { store }: AppTools,
): Promise<readonly Change[]> {
  const changes = diff(before, snapshot)
  if (changes.length === 0) return changes
  return withoutEchoes(
    changes,
    await store.snapshots.changes(snapshot.domain, now - ECHO_MS, CHANGES_MAX),
    now,
  )
}

/** Steps of a change of keys that have just become safe; each is told once. */
async function nextSteps(facts: RolloverLook, { store }: AppTools): Promise<readonly Change[]> {
  const changing = rolloverFactsOf(facts)
  if (changing.length === 0) return []
  const { domain } = facts.snapshot
  const told = await store.snapshots.changes(domain, facts.now - 2 * NEWS_MS, CHANGES_MAX)
  return rolloverNews(domain, changing, told)
}

async function firstLookAt(domain: WatchedDomain, { store, clock }: AppTools): Promise<UnixMs> {
  return (await store.snapshots.lookSummary(domain.name))?.firstAt ?? clock.now()
}

function afterwards(
  remembered: readonly Incident[],
  transitions: readonly Transition[],
): readonly Incident[] {
  const changed = new Map(transitions.map(({ incident }) => [incident.id, incident]))
  const untouched = remembered.filter(({ id }) => !changed.has(id))
  return [...untouched, ...changed.values()]
}
