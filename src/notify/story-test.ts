import { display } from '../lib/display.ts'
import type { NotificationContent } from '../model/notification.ts'
import type { Told } from './story.ts'
import { MARKS, TEXT_MAX } from './story-words.ts'
import type { Wording } from './wording.ts'

/** A message that somebody asked for, to see that the channel works. */
export function testStory(
  { host, at }: Extract<NotificationContent, { kind: 'test' }>,
  channel: string,
  wording: Wording,
): Told {
  const name = display(channel)
  const title = `This is a test of the channel ${name}`
  const seen = `Nothing is wrong: "stswatch notify test ${name}" was run on ${host}. Alerts come by this channel and look like this.`
  return {
    kind: 'test',
    severity: 'info',
    mark: MARKS.info,
    label: 'test',
    headline: title,
    whose: null,
    title,
    place: null,
    state: `Asked for by hand, ${wording.instant(at)}`,
    answers: [],
    members: [],
    seen: display(seen, TEXT_MAX),
    impact: null,
    remedy: [],
    evidence: null,
    rfc: null,
    changes: [],
  }
}
