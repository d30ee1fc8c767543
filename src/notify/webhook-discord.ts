import { chatTitle, fittingParts } from './chat-markup.ts'
import type { Story } from './story.ts'
import { storyColour } from './story-colour.ts'
import { chatParts } from './webhook-slack.ts'

/** Discord takes 256 characters in a title, 4,096 in a description and 6,000 in all. */
const TITLE_MAX = 256
const DESCRIPTION_MAX = 4_000

/** The body of format `discord`: one embed, and no mention whatever the text holds. */
export function discordEmbed(story: Story): object {
  const title = [...`${story.mark} ${chatTitle(story.headline)}`]
  return {
    embeds: [
      {
        title: title.length <= TITLE_MAX ? title.join('') : `${title.slice(0, TITLE_MAX - 1).join('')}…`,
        description: fittingParts(chatParts(story, '**'), DESCRIPTION_MAX),
        color: Number.parseInt(storyColour(story).slice(1), 16),
        footer: { text: story.rfc === null || story.rfc === '' ? 'stswatch' : `stswatch · ${story.rfc}` },
      },
    ],
    allowed_mentions: { parse: [] },
  }
}
