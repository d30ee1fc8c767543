import { display } from '../lib/display.ts'
import type { NotificationContent } from '../model/notification.ts'
import type { Story } from './story.ts'
import type { Wording } from './wording.ts'

const TEXT_MAX = 1500

/** A message that somebody asked for, to see that the channel works. */
export function testStory(
  { host, at }: Extract<NotificationContent, { kind: 'test' }>,
  channel: string,
  wording: Wording,
): Omit<Story, 'note' | 'steps'> {
  const name = display(channel)
  const title = `This is a test of the channel ${name}`
  const seen = `Nothing is wrong: "stswatch notify test ${name}" was run on ${host}. Alerts come by this channel and look like this.`
  return {
    severity: 'info',
    mark: '🔵',
    label: 'test',
    headline: title,
    whose: null,
    title,
    state: `Asked for by hand, ${wording.instant(at)}`,
    members: [],
    seen: display(seen, TEXT_MAX),
    impact: null,
    remedy: [],
    evidence: null,
    rfc: null,
    changes: [],
  }
}
