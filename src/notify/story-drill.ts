import type { Story } from './story.ts'

const MARK = 'DRILL: '
const NOTE = 'This is a drill, asked for with `stswatch drill`: nothing is wrong, and nothing is to be done.'

/** The story so told that nobody takes it for a real one. Nothing of it is remembered, so there is no evidence to show. */
export function drillStory(story: Story): Story {
  return {
    ...story,
    headline: `${MARK}${story.headline}`,
    title: `${MARK}${story.title}`,
    note: story.note === null ? NOTE : `${NOTE} ${story.note}`,
    steps: story.steps.map((step) => `${MARK}${step}`),
    evidence: null,
  }
}
