import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { NotificationContent } from '../model/notification.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Message } from './notifier.ts'
import { stepLine } from './step-line.ts'
import { MARKS, RESOLVED_MARK } from './story-words.ts'
import { summaryAsStory } from './summary-as-story.ts'
import type { Wording } from './wording.ts'

/**
 * What a message says, before any channel lays it out: every text is made safe to show (display) and nothing in it is
 * markup. The channels differ in looks alone.
 */
export interface Story {
  readonly severity: Severity
  /** 🔴 🟠 🔵, or 🟢 when all of it is over. */
  readonly mark: string
  /** "resolved", or the severity: what stands in brackets before a mail's subject; "summary" for one. */
  readonly label: string
  /** "example.com: MX mx2.example.net is not covered by …" */
  readonly headline: string
  /** The headline in two: "example.com", or "4 domains"; null when it is about none. */
  readonly whose: string | null
  /** "MX mx2.example.net is not covered by …" */
  readonly title: string
  /** "Critical, open since 2026-11-23 14:05 UTC"; null for changes, which have no state. */
  readonly state: string | null
  /** Why it comes by this channel, when that needs saying. */
  readonly note: string | null
  /** Several incidents in one conversation: one line each, at most MEMBERS_MAX and a count. */
  readonly members: readonly string[]
  readonly seen: string | null
  readonly impact: string | null
  readonly remedy: readonly RemedyLine[]
  /** The command that shows the evidence; null for changes. */
  readonly evidence: string | null
  readonly rfc: string | null
  /** What has happened since the last message, oldest first. */
  readonly steps: readonly string[]
  /** Differences in full, for a `changes` message. */
  readonly changes: readonly { readonly summary: string; readonly lines: readonly string[] }[]
}

/** What a resolved story's `seen` begins with. */
export const SEEN_BEFORE = 'What was seen: '

const MEMBERS_MAX = 10
const CHANGES_MAX = 10
const CHANGE_LINES_MAX = 20
const HEADLINE_MAX = 200
const TEXT_MAX = 1500
const CODE_MAX = 2000

/** Tells the notifications of a message as one story. */
export function tellStory(message: Message, wording: Wording): Story {
  const contents = message.notifications.map(({ content }) => content)
  const story = storyOf(message, wording)
  const primary = contents.find((content) => content.kind === 'fallback')?.primary
  return {
    ...story,
    note: primary === undefined ? null : `Sent here because the primary channel failed: ${display(primary)}`,
    steps: contents.map(originalContent).flatMap((content) => stepLine(content, wording) ?? []),
  }
}

function storyOf(message: Message, wording: Wording): Omit<Story, 'note' | 'steps'> {
  const contents = message.notifications.map(({ content }) => originalContent(content))
  const test = contents.find((content) => content.kind === 'test')
  if (test !== undefined) return testStory(test, message, wording)
  const summary = contents.find((content) => content.kind === 'summary')
  if (summary !== undefined) return summaryAsStory(summary.summary)
  const incidents = incidentsOf(message)
  if (incidents.length > 0) return incidentStory(incidents, wording)
  return changesStory(contents.find((content) => content.kind === 'changes'))
}

/** The steps that say more than title and state: several at once, or one that is neither opening nor resolution. */
export function newsOf({ steps }: Story): readonly string[] {
  return steps.length > 1 ? steps : steps.filter((step) => !/^(Opened|Resolved) /.test(step))
}

/** What a copy is a copy of; any other content is its own original. */
export function originalContent(
  content: NotificationContent,
): Exclude<NotificationContent, { kind: 'fallback' }> {
  return content.kind === 'fallback' ? originalContent(content.original) : content
}

/** The thread as it stands; what the notifications carry where the store has nothing newer. */
function incidentsOf({ notifications, threadIncidents }: Message): readonly Incident[] {
  const told = threadIncidents.filter(wasTold)
  if (told.length > 0) return told
  const byId = new Map<string, Incident>()
  for (const { content } of notifications) {
    const original = originalContent(content)
    if (original.kind === 'incident') byId.set(original.incident.id, original.incident)
  }
  return [...byId.values()]
}

/** A mere suspicion is nobody's business; one about an incident that was told before is shown as that stands. */
function wasTold({ phase }: Incident): boolean {
  return phase.name !== 'dismissed' && (phase.name !== 'suspected' || phase.before !== null)
}

function incidentStory(incidents: readonly Incident[], wording: Wording): Omit<Story, 'note' | 'steps'> {
  const lead = leadOf(incidents)
  const words = wording.describe(lead.latest)
  const over = incidents.every(isResolved)
  const others = incidents.length > 1
  return {
    severity: lead.worst,
    mark: over ? RESOLVED_MARK : MARKS[lead.worst],
    label: over ? 'resolved' : lead.worst,
    headline: display(
      others ? `${words.title} (${counted(incidents)})` : `${whose(lead)}: ${words.title}`,
      HEADLINE_MAX,
    ),
    whose: display(others ? counted(incidents) : whose(lead)),
    title: display(words.title, HEADLINE_MAX),
    state: stateOf(incidents, lead, wording),
    members: others ? memberLines(incidents, wording) : [],
    seen: display(over ? `${SEEN_BEFORE}${words.seen}` : words.seen, TEXT_MAX),
    impact: words.impact === null || over ? null : display(words.impact, TEXT_MAX),
    remedy: over ? [] : words.remedy.map(shownRemedy),
    evidence: `stswatch explain ${display(lead.id)}`,
    rfc: display(words.rfc),
    changes: [],
  }
}

/** The worst of those that still last, else the worst of all: the oldest where they are equal. */
function leadOf(incidents: readonly Incident[]): Incident {
  const lasting = incidents.filter((incident) => !isResolved(incident))
  const candidates = lasting.length > 0 ? lasting : incidents
  return candidates.reduce((lead, next) => (rank(next.worst) > rank(lead.worst) ? next : lead))
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function isResolved(incident: Incident): boolean {
  return resolvedAt(incident) !== null || incident.phase.name === 'dismissed'
}

function resolvedAt({ phase }: Incident): UnixMs | null {
  if (phase.name === 'resolved') return phase.resolvedAt
  return phase.name === 'suspected' ? (phase.before?.resolvedAt ?? null) : null
}

function whose({ domain }: Incident): string {
  return domain === null ? 'stswatch' : displayDomainName(domain)
}

function counted(incidents: readonly Incident[]): string {
  const domains = new Set(incidents.map(({ domain }) => domain)).size
  return domains > 1 ? `${domains} domains` : `${incidents.length} incidents`
}

function stateOf(incidents: readonly Incident[], lead: Incident, wording: Wording): string {
  const since = Math.min(...incidents.map(({ firstSeenAt }) => firstSeenAt))
  const ends = incidents.map(resolvedAt).filter((at) => at !== null)
  if (incidents.every(isResolved)) {
    const endedAt = Math.max(since, ...ends)
    return `Resolved ${wording.instant(endedAt)}, after ${wording.duration(endedAt - since)}`
  }
  const open = incidents.length > 1 && ends.length > 0 ? `, ${ends.length} of them resolved` : ''
  const flapping = lead.flappingSince === null ? '' : ', comes and goes'
  return `${capital(lead.worst)}, since ${wording.instant(since)}${flapping}${open}`
}

function memberLines(incidents: readonly Incident[], wording: Wording): readonly string[] {
  const lasting = incidents.filter((incident) => !isResolved(incident))
  const ended = incidents.filter(isResolved)
  const shown = [...lasting, ...ended].slice(0, MEMBERS_MAX)
  const oneTitle = new Set(incidents.map(({ latest }) => `${latest.code} ${latest.subject}`)).size === 1
  const lines = shown.map((incident) => {
    const title = oneTitle ? '' : `: ${wording.describe(incident.latest).title}`
    const line = `${whose(incident)}${title}, ${isResolved(incident) ? 'resolved' : `since ${wording.instant(incident.firstSeenAt)}`}`
    return display(`${isResolved(incident) ? RESOLVED_MARK : MARKS[incident.worst]} ${line}`, HEADLINE_MAX)
  })
  const hidden = incidents.length - shown.length
  return hidden > 0 ? [...lines, `and ${hidden} more`] : lines
}

function shownRemedy(line: RemedyLine): RemedyLine {
  // A policy file is several lines: each is made safe by itself so that the line ends stay.
  if (line.kind === 'text') return { kind: 'text', text: display(line.text, TEXT_MAX) }
  const lines = line.text.split(/\r?\n/).map((part) => display(part, CODE_MAX))
  return { kind: 'code', text: lines.join('\n') }
}

function testStory(
  { host, at }: Extract<NotificationContent, { kind: 'test' }>,
  { notifications }: Message,
  wording: Wording,
): Omit<Story, 'note' | 'steps'> {
  const channel = display(notifications[0]?.channel ?? '')
  const title = `This is a test of the channel ${channel}`
  return {
    severity: 'info',
    mark: MARKS.info,
    label: 'test',
    headline: title,
    whose: null,
    title,
    state: `Asked for by hand, ${wording.instant(at)}`,
    members: [],
    seen: display(
      `Nothing is wrong: "stswatch notify test ${channel}" was run on ${host}. Alerts come by this channel and look like this.`,
      TEXT_MAX,
    ),
    impact: null,
    remedy: [],
    evidence: null,
    rfc: null,
    changes: [],
  }
}

function changesStory(
  content: Extract<NotificationContent, { kind: 'changes' }> | undefined,
): Omit<Story, 'note' | 'steps'> {
  const changes = content?.changes ?? []
  const domain = content === undefined ? '' : displayDomainName(content.domain)
  const [first] = changes
  const what = changes.length === 1 && first !== undefined ? first.summary : `${changes.length} changes seen`
  const shown = changes.slice(0, CHANGES_MAX).map((change) => ({
    summary: display(change.summary, HEADLINE_MAX),
    lines: [
      ...change.removed.map((line) => `- ${display(line)}`),
      ...change.added.map((line) => `+ ${display(line)}`),
    ].slice(0, CHANGE_LINES_MAX),
  }))
  const hidden = changes.length - shown.length
  return {
    severity: 'info',
    mark: MARKS.info,
    label: 'changed',
    headline: display(`${domain}: ${what}`, HEADLINE_MAX),
    whose: display(domain),
    title: display(what, HEADLINE_MAX),
    state: null,
    members: [],
    seen: null,
    impact: null,
    remedy: [],
    evidence: content === undefined ? null : `stswatch history ${display(content.domain)}`,
    rfc: null,
    changes: hidden > 0 ? [...shown, { summary: `and ${hidden} more`, lines: [] }] : shown,
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
