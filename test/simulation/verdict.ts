/** What the program said against what was true. */

import { DRILL_DOMAIN } from '../../src/lab/drills/drill.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { NotificationContent } from '../../src/model/notification.ts'
import type { Ran, Sent } from './simulate.ts'
import type { Story } from './story.ts'

type Told = Extract<NotificationContent, { kind: 'incident' }>
type Changed = Extract<NotificationContent, { kind: 'changes' }>

export interface FalseNotice {
  readonly at: UnixMs
  readonly what: string
  readonly chain: readonly string[]
}

export interface Figures {
  readonly domainMonths: number
  readonly messages: number
  readonly falseNotices: readonly FalseNotice[]
  readonly falsePerThousandDomainMonths: number
  readonly faults: number
  /** Names of the faults that were never told. */
  readonly untold: readonly string[]
  readonly medianLatencyMinutes: number
  readonly worstLatencyMinutes: number
  readonly messagesPerFault: number
  readonly mostMessagesOfOneFault: number
  readonly blindPeriods: number
  /** Blind periods that were not told by exactly one message at its beginning and one at its end. */
  readonly blindUntidy: readonly string[]
  /** Opened incidents that were not resolved once, in words. */
  readonly unresolved: readonly string[]
  /** Texts that were sent twice. */
  readonly repeated: readonly string[]
}

/** After the end of what a notice is about it may still come: the looks that confirm it, the group wait. */
const GRACE_MS = 20 * MINUTE_MS
/** A change of the DNS is told while it spreads, or at the first look after that is not blind. */
const SPREADING_MS = 3 * HOUR_MS + GRACE_MS
/** A mended fault is told to be over within this. */
const RECOVERY_MS = 5 * HOUR_MS

export function figuresOf(ran: Ran): Figures {
  const { options, stories, sent, periods } = ran
  const falseNotices = sent.flatMap((one) =>
    one.contents.flatMap((content) => falseNotice(ran, one.at, content)),
  )
  const domainMonths = (options.domains * options.days) / 30
  const faulty = stories.flatMap(({ name, fault }) => (fault === null ? [] : [{ name, fault }]))
  const latencies = faulty.map(({ name, fault }) => {
    const told = toldOf(sent).find(({ content }) => {
      const { latest, domain } = content.incident
      return content.reason === 'opened' && domain === name && latest.code === fault.drill.finding
    })
    return { name: fault.drill.name, minutes: told === undefined ? null : (told.at - fault.from) / MINUTE_MS }
  })
  const known = latencies.flatMap(({ minutes }) => (minutes === null ? [] : [minutes])).sort((a, b) => a - b)
  const perFault = faulty.map(
    ({ name }) => sent.filter(({ contents }) => contents.some((one) => domainOf(one) === name)).length,
  )
  return {
    domainMonths,
    messages: sent.length,
    falseNotices,
    falsePerThousandDomainMonths: (falseNotices.length * 1_000) / domainMonths,
    faults: faulty.length,
    untold: latencies.flatMap(({ name, minutes }) => (minutes === null ? [name] : [])),
    medianLatencyMinutes: Math.round(known[Math.floor(known.length / 2)] ?? 0),
    worstLatencyMinutes: Math.round(known.at(-1) ?? 0),
    messagesPerFault: perFault.reduce((sum, count) => sum + count, 0) / Math.max(1, perFault.length),
    mostMessagesOfOneFault: Math.max(0, ...perFault),
    blindPeriods: periods.length,
    blindUntidy: blindUntidy(ran),
    unresolved: unresolved(ran),
    repeated: repeated(sent),
  }
}

function toldOf(sent: readonly Sent[]): readonly { readonly at: UnixMs; readonly content: Told }[] {
  return sent.flatMap(({ at, contents }) =>
    contents.flatMap((content) => (content.kind === 'incident' ? [{ at, content }] : [])),
  )
}

function domainOf(content: NotificationContent): string | null {
  if (content.kind === 'fallback') return domainOf(content.original)
  if (content.kind === 'test' || content.kind === 'summary') return null
  return content.kind === 'changes' || content.kind === 'plan' ? content.domain : content.incident.domain
}

function falseNotice(ran: Ran, at: UnixMs, content: NotificationContent): readonly FalseNotice[] {
  if (content.kind === 'fallback') return [{ at, what: 'a copy, though no channel failed', chain: [] }]
  if (content.kind === 'test') return [{ at, what: 'a test that nobody asked for', chain: [] }]
  if (content.kind === 'plan') return [{ at, what: 'a plan that nobody follows', chain: [] }]
  if (content.kind === 'answer') return [{ at, what: 'an answer, though nobody gave one', chain: [] }]
  if (content.kind === 'summary') return [{ at, what: 'a summary that nobody asked for', chain: [] }]
  const why = content.kind === 'changes' ? wrongChange(ran, at, content) : wrongIncident(ran, at, content)
  if (why === null) return []
  const chain =
    content.kind === 'incident'
      ? chainOf(ran, content.incident)
      : content.changes.map(({ summary }) => summary)
  return [{ at, what: `${why}: ${wordsOf(content)}`, chain }]
}

function wrongChange({ stories }: Ran, at: UnixMs, { domain }: Changed): string | null {
  const story = stories.find(({ name }) => name === domain)
  const turns = [
    ...(story?.fault ? [story.fault.from, story.fault.to] : []),
    ...(story?.segments.map(({ from }) => from) ?? []),
  ]
  return turns.some((turn) => at >= turn && at < turn + SPREADING_MS) ? null : 'nothing had changed'
}

function wrongIncident(ran: Ran, at: UnixMs, { incident, reason }: Told): string | null {
  if (incident.domain === null) return isOwnTrouble(ran, incident) ? null : 'the monitor was well'
  const story = ran.stories.find(({ name }) => name === incident.domain)
  const { phase } = incident
  const openedAt = 'openedAt' in phase ? phase.openedAt : at
  if (story === undefined || !isTrue(story, incident, openedAt)) return 'the domain was well'
  const { fault } = story
  // A new id that nothing came of is news for a day.
  const isLasting = incident.latest.code !== 'mta-sts.policy.id-changed-without-text'
  return reason === 'resolved' && isLasting && fault !== null && at < fault.to ? 'it was not over' : null
}

/** Was the finding true of the story when it was opened? */
function isTrue(story: Story, { latest }: Incident, at: UnixMs): boolean {
  const { fault, planned } = story
  const subject = latest.subject?.replaceAll(story.name, DRILL_DOMAIN) ?? null
  const isOfFault =
    fault !== null &&
    at >= fault.from &&
    at < fault.to + GRACE_MS &&
    fault.drill.opens.some((one) => one.code === latest.code && one.subject === subject)
  // The pattern of a host that has left stays until senders no longer hold the old records.
  const isOfChange = planned.some(
    ({ name, from, to }) =>
      name === 'mail host removed' &&
      latest.code === 'mta-sts.policy.pattern-unused' &&
      at >= from &&
      at < to + GRACE_MS,
  )
  return isOfFault || isOfChange
}

function isOwnTrouble({ periods, steps }: Ran, { latest, phase }: Incident): boolean {
  const at = 'openedAt' in phase ? phase.openedAt : latest.observedAt
  if (latest.code === 'monitor.clock.skewed') {
    return steps.some(
      ({ from, to, byMs }) => Math.abs(byMs) > 2 * MINUTE_MS && at >= from && at < to + 3 * HOUR_MS,
    )
  }
  return periods.some(({ kind, from, to }) => isToldOf(kind, latest.code) && at >= from && at < to + GRACE_MS)
}

function isToldOf(kind: Ran['periods'][number]['kind'], code: string): boolean {
  return code === (kind === 'port 25' ? 'monitor.smtp.blind' : 'monitor.dns.blind')
}

function blindUntidy(ran: Ran): readonly string[] {
  return ran.periods.flatMap(({ kind, from, to }) => {
    const own = toldOf(ran.sent).filter(
      ({ at, content }) => content.incident.domain === null && at >= from && at < to + 40 * MINUTE_MS,
    )
    const said = own.map(
      ({ at, content }) =>
        `${content.reason} ${content.incident.latest.code} +${Math.round((at - from) / MINUTE_MS)} min`,
    )
    const isTidy =
      own.length === 2 &&
      own[0]?.content.reason === 'opened' &&
      own[1]?.content.reason === 'resolved' &&
      own.every(({ content }) => isToldOf(kind, content.incident.latest.code))
    return isTidy
      ? []
      : [`${kind} at ${new Date(from).toISOString()}: ${said.join(', ') || 'nothing was said'}`]
  })
}

function unresolved(ran: Ran): readonly string[] {
  const end = ran.plan.start + ran.plan.days * DAY_MS
  return ran.incidents.flatMap((incident) => {
    const told = toldOf(ran.sent).filter(({ content }) => content.incident.id === incident.id)
    const count = (reason: string) => told.filter(({ content }) => content.reason === reason).length
    const story = ran.stories.find(({ name }) => name === incident.domain)
    const overAt = story?.fault?.to ?? Number.NEGATIVE_INFINITY
    if (count('opened') === 1 && count('resolved') === 1) return []
    if (incident.phase.name !== 'resolved' && end < overAt + RECOVERY_MS) return []
    return [
      `${wordsOfIncident(incident)}: ${told.map(({ content }) => content.reason).join(', ')}; ${incident.phase.name}`,
    ]
  })
}

function repeated(sent: readonly Sent[]): readonly string[] {
  const seen = new Set<string>()
  return sent.flatMap(({ contents }) => {
    const text = JSON.stringify(contents.map(sameWords))
    if (!seen.has(text)) {
      seen.add(text)
      return []
    }
    return [contents.map(wordsOf).join('; ')]
  })
}

function sameWords(content: NotificationContent): unknown {
  if (content.kind === 'fallback') return sameWords(content.original)
  if (content.kind === 'changes') return [content.domain, content.changes.map(({ at, ...change }) => change)]
  if (content.kind === 'test' || content.kind === 'plan') return [content.at]
  if (content.kind === 'summary') return [content.summary.period.name]
  const { id, transitions } = content.incident
  return [id, transitions, content.kind === 'answer' ? content.answer.kind : content.reason]
}

function wordsOf(content: NotificationContent): string {
  if (content.kind === 'fallback') return wordsOf(content.original)
  if (content.kind === 'changes')
    return `changes of ${content.domain}: ${content.changes.map(({ summary }) => summary).join('; ')}`
  if (content.kind === 'test') return 'a test'
  if (content.kind === 'plan') return 'a plan'
  if (content.kind === 'summary') return 'a summary'
  const what = content.kind === 'answer' ? content.answer.kind : content.reason
  return `${what} ${wordsOfIncident(content.incident)}`
}

function wordsOfIncident({ worst, latest, domain }: Incident): string {
  return [worst, latest.code, domain ?? 'monitor', latest.subject ?? ''].join(' ').trim()
}

function chainOf({ transitions, stories }: Ran, incident: Incident): readonly string[] {
  const story = stories.find(({ name }) => name === incident.domain)
  const steps = transitions.get(incident.id) ?? []
  return [
    ...(story?.planned.map(({ name, from, to }) => `planned: ${name}, ${iso(from)} to ${iso(to)}`) ?? []),
    ...(story?.fault
      ? [`fault: ${story.fault.drill.name}, ${iso(story.fault.from)} to ${iso(story.fault.to)}`]
      : []),
    ...steps.map((step) => `${iso(step.at)} ${step.reason}, seen ${iso(step.incident.latest.observedAt)}`),
    JSON.stringify(incident.latest.evidence).slice(0, 600),
  ]
}

function iso(at: UnixMs): string {
  return new Date(at).toISOString().slice(0, 16)
}
