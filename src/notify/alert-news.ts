import { newsOf, type Story } from './story.ts'

export interface AlertNews {
  /** What is new since the last mail, to stand at the top; null for a first mail and for one about several incidents. */
  readonly latest: string | null
  /** Several steps, oldest first; empty when there is only one. */
  readonly history: readonly string[]
}

/** The steps of a story as a mail tells them: without the names that its title says already. */
export function alertNews(story: Story): AlertNews {
  const news = newsOf(story).map((step) => shortStep(step, story))
  return {
    latest: story.members.length > 0 ? null : (news.at(-1) ?? null),
    history: news.length > 1 ? news : [],
  }
}

/** "Opened …: example.com: MX …" is "Opened …" below a title about that, or "Opened …: example.com" about several. */
function shortStep(step: string, { headline, title }: Story): string {
  const said = [headline, title].find((words) => step.endsWith(`: ${words}`))
  return said === undefined ? step : step.slice(0, -said.length - 2)
}
