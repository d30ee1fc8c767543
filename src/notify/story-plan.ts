import { display } from '../lib/display.ts'
import type { Severity } from '../model/finding.ts'
import type { NotificationContent } from '../model/notification.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Told } from './story.ts'
import { MARKS, TEXT_MAX } from './story-words.ts'
import type { Wording } from './wording.ts'

/** How a plan goes on: a step is done, the next one is safe, or one was done too early. */
export function planStory(
  { domain, at, title, seen, impact, remedy }: Extract<NotificationContent, { kind: 'plan' }>,
  severity: Severity,
  wording: Wording,
): Told {
  const whose = display(displayDomainName(domain))
  const shown = display(title)
  return {
    kind: 'plan',
    severity,
    mark: MARKS[severity],
    label: 'plan',
    headline: `${whose}: ${shown}`,
    whose,
    title: shown,
    place: null,
    state: `Plan, ${wording.instant(at)}`,
    answers: [],
    members: [],
    seen: display(seen, TEXT_MAX),
    impact: impact === null ? null : display(impact, TEXT_MAX),
    remedy: remedy.map((line) => ({ kind: line.kind, text: display(line.text, TEXT_MAX) })),
    evidence: null,
    rfc: null,
    changes: [],
  }
}
