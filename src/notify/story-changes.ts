import { settlingText } from '../announce/settling-words.ts'
import { display } from '../lib/display.ts'
import type { Change } from '../model/change.ts'
import type { NotificationContent } from '../model/notification.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Told } from './story.ts'
import { HEADLINE_MAX, MARKS } from './story-words.ts'
import type { Wording } from './wording.ts'

const CHANGES_MAX = 10
const CHANGE_LINES_MAX = 20

/** What changed at one domain; of nothing when the message holds no such content. */
export function changesStory(
  content: Extract<NotificationContent, { kind: 'changes' }> | undefined,
  wording: Pick<Wording, 'instant'>,
): Told {
  const changes = content?.changes ?? []
  const domain = content === undefined ? '' : displayDomainName(content.domain)
  const [first] = changes
  const what = changes.length === 1 && first !== undefined ? first.summary : `${changes.length} changes seen`
  const shown = changes.slice(0, CHANGES_MAX).map((change) => ({
    summary: summaryOf(change, wording),
    lines: [
      ...change.removed.map((line) => `- ${display(line)}`),
      ...change.added.map((line) => `+ ${display(line)}`),
    ].slice(0, CHANGE_LINES_MAX),
  }))
  const hidden = changes.length - shown.length
  return {
    kind: 'changes',
    severity: 'info',
    mark: MARKS.info,
    label: 'changed',
    headline: display(`${domain}: ${what}`, HEADLINE_MAX),
    whose: display(domain),
    title: display(what, HEADLINE_MAX),
    place: null,
    state: null,
    answers: [],
    members: [],
    seen: null,
    impact: null,
    remedy: [],
    evidence: content === undefined ? null : `stswatch history ${display(content.domain)}`,
    rfc: null,
    changes: hidden > 0 ? [...shown, { summary: `and ${hidden} more`, lines: [] }] : shown,
  }
}

/** With how it spreads; changes that were kept by an earlier version do not say. */
function summaryOf(
  { summary, settles }: Pick<Change, 'summary'> & Partial<Pick<Change, 'settles'>>,
  wording: Pick<Wording, 'instant'>,
): string {
  const shown = display(summary, HEADLINE_MAX)
  if (!settles) return shown
  const spreads = settlingText(settles, (at) => wording.instant(at))
  return `${shown.replace(/\.$/, '')}. ${display(spreads, HEADLINE_MAX)}`
}
