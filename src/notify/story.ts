import { display } from '../lib/display.ts'
import type { RemedyLine } from '../model/description.ts'
import type { Severity } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { NotificationContent } from '../model/notification.ts'
import type { Message } from './notifier.ts'
import { stepLine } from './step-line.ts'
import { changesStory } from './story-changes.ts'
import { digestStory } from './story-digest.ts'
import { drillStory } from './story-drill.ts'
import { incidentStory } from './story-incidents.ts'
import { planStory } from './story-plan.ts'
import { testStory } from './story-test.ts'
import { summaryAsStory } from './summary-as-story.ts'
import type { Wording } from './wording.ts'

/**
 * What a message says, before any channel lays it out: every text is made safe to show (display) and nothing in it is
 * markup. The channels differ in looks alone.
 */
export interface Story {
  /**
   * `monitor`: our own trouble. `digest`: many conversations in one message. `test`: asked for by hand. `plan`: how a change
   * goes on. `summary`: how things stand.
   */
  readonly kind: 'incidents' | 'monitor' | 'changes' | 'digest' | 'test' | 'plan' | 'summary'
  readonly severity: Severity
  /** 🔴 🟠 🔵, or 🟢 when all of it is over. */
  readonly mark: string
  /** "resolved", or the severity: what stands in brackets before a mail's subject; "summary" for one. */
  readonly label: string
  /** "example.com: MX mx2.example.net is not covered by …" */
  readonly headline: string
  /** The headline in two: "example.com", or "4 domains"; null when it is about none, and in a digest. */
  readonly whose: string | null
  /** "MX mx2.example.net is not covered by …" */
  readonly title: string
  /** The host or other thing that it lies in: "mx2.example.net"; null when it is the domain itself. */
  readonly place: string | null
  /** "Critical, open since 2026-11-23 14:05 UTC"; null for changes, which have no state. */
  readonly state: string | null
  /** Who looks after it: "Ada looks after it since …". */
  readonly answers: readonly string[]
  /** Why it comes now, or by this channel, when that needs saying. */
  readonly note: string | null
  /** Several incidents in one message: one line each, at most ten and a count. */
  readonly members: readonly string[]
  readonly seen: string | null
  readonly impact: string | null
  readonly remedy: readonly RemedyLine[]
  /** The command that shows the evidence; null for a digest, whose command is its remedy. */
  readonly evidence: string | null
  readonly rfc: string | null
  /** What has happened since the last message, oldest first; none in a digest. */
  readonly steps: readonly string[]
  /** It brings nothing new: it reminds of what lasts. */
  readonly isReminder: boolean
  /** Before a step told by itself: the mark, or 👤 when people did all of it. */
  readonly stepMark: string
  /** Differences in full, for a `changes` message. */
  readonly changes: readonly { readonly summary: string; readonly lines: readonly string[] }[]
}

/** The part of a story that does not depend on the way it came. */
export type Told = Omit<Story, 'note' | 'steps' | 'stepMark' | 'isReminder'>

const NOTE_MAX = 280

/** Tells the notifications of a message as one story. */
export function tellStory(message: Message, wording: Wording): Story {
  const contents = message.notifications.map(({ content }) => originalContent(content))
  const isDigest = new Set(message.notifications.map(({ thread }) => thread)).size > 1
  const told = toldOf(message, contents, isDigest, wording)
  const story: Story = {
    ...told,
    stepMark: contents.every(({ kind }) => kind === 'answer') ? '👤' : told.mark,
    note: noteOf(message),
    isReminder: contents.every((content) => content.kind === 'incident' && content.reason === 'reminder'),
    steps: isDigest ? [] : contents.flatMap((content) => stepLine(content, wording) ?? []),
  }
  return wording.isDrill ? drillStory(story) : story
}

function toldOf(message: Message, contents: readonly Original[], isDigest: boolean, wording: Wording): Told {
  const test = contents.find((content) => content.kind === 'test')
  if (test !== undefined) return testStory(test, message.notifications[0]?.channel ?? '', wording)
  const plan = contents.find((content) => content.kind === 'plan')
  if (plan !== undefined) return planStory(plan, message.notifications[0]?.severity ?? 'info', wording)
  const summary = contents.find((content) => content.kind === 'summary')
  if (summary !== undefined) return summaryAsStory(summary.summary)
  const incidents = incidentsOf(message)
  if (isDigest) return digestStory(contents, incidents, wording)
  if (incidents.length > 0) return incidentStory(incidents, message.acknowledgements, wording)
  return changesStory(
    contents.find((content) => content.kind === 'changes'),
    wording,
  )
}

function noteOf({ notifications }: Message): string | null {
  const copy = notifications.map(({ content }) => content).find(({ kind }) => kind === 'fallback')
  const held = notifications.find((notification) => notification.held !== null)?.held
  const notes = [
    ...(copy?.kind === 'fallback'
      ? [`Sent here because the primary channel failed: ${display(copy.primary)}`]
      : []),
    ...(typeof held === 'string' ? [`Kept quiet until now by ${held}`] : []),
  ]
  return notes.length === 0 ? null : display(notes.join('. '), NOTE_MAX)
}

/** The steps that say more than title and state: several at once, or one that is neither opening nor resolution. */
export function newsOf({ steps }: Story): readonly string[] {
  return steps.length > 1 ? steps : steps.filter((step) => !/^(Opened|Resolved) /.test(step))
}

type Original = Exclude<NotificationContent, { kind: 'fallback' }>

/** What a copy is a copy of; any other content is its own original. */
export function originalContent(content: NotificationContent): Original {
  return content.kind === 'fallback' ? originalContent(content.original) : content
}

/** The thread as it stands; what the notifications carry where the store has nothing newer. */
function incidentsOf({ notifications, threadIncidents }: Message): readonly Incident[] {
  const told = threadIncidents.filter(wasTold)
  if (told.length > 0) return told
  const byId = new Map<string, Incident>()
  for (const { content } of notifications) {
    const original = originalContent(content)
    if ('incident' in original) byId.set(original.incident.id, original.incident)
  }
  return [...byId.values()]
}

/** A mere suspicion is nobody's business; one about an incident that was told before is shown as that stands. */
function wasTold({ phase }: Incident): boolean {
  return phase.name !== 'dismissed' && (phase.name !== 'suspected' || phase.before !== null)
}
