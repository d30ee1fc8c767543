import { alertHtml } from './alert-html.ts'
import { alertText } from './alert-text.ts'
import { shorterStory } from './shorter-story.ts'
import type { Story } from './story.ts'

/** The two bodies of a mail; the text part is complete by itself. */
export interface MailBody {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const SUBJECT_MAX = 150

/** "[critical] example.com: …": the bracket is no part of the base subject (RFC 5256 §2.1), so threads hold. */
export function mailBody(story: Story): MailBody {
  const subject = `[${story.label}] ${story.headline}`
  const points = [...subject]
  return {
    subject: points.length <= SUBJECT_MAX ? subject : `${points.slice(0, SUBJECT_MAX - 1).join('')}…`,
    text: alertText(story),
    html: alertHtml(story),
  }
}

/** The same story, then shorter and shorter: for a message that has a limit. Each is made when it is asked for. */
export function* mailBodies(story: Story): Generator<MailBody> {
  yield mailBody(story)
  yield mailBody(shorterStory(story, 'short'))
  yield mailBody(shorterStory(story, 'shortest'))
}
