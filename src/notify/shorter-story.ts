import { display } from '../lib/display.ts'
import type { Story } from './story.ts'

interface Measure {
  readonly textMax: number
  readonly codeLines: number
  readonly steps: number
  readonly changes: number
  readonly changeLines: number
}

const MEASURES: Readonly<Record<'short' | 'shortest', Measure>> = {
  short: { textMax: 600, codeLines: 40, steps: 20, changes: 5, changeLines: 10 },
  shortest: { textMax: 120, codeLines: 10, steps: 5, changes: 3, changeLines: 4 },
}
const REMEDY_MAX = 8

/** The story with less detail, and a note that says so, for a message that would be too large. */
export function shorterStory(story: Story, measure: keyof typeof MEASURES): Story {
  const { textMax, codeLines, steps, changes, changeLines } = MEASURES[measure]
  const cut = (text: string) => display(text, textMax)
  const left = story.steps.length - steps
  return {
    ...story,
    note: [...(story.note === null ? [] : [story.note]), shortened(story)].join(' '),
    seen: story.seen === null ? null : cut(story.seen),
    impact: story.impact === null ? null : cut(story.impact),
    remedy: story.remedy.slice(0, REMEDY_MAX).map(({ kind, text }) => ({
      kind,
      text: text.split('\n').slice(0, codeLines).map(cut).join('\n'),
    })),
    steps: left > 0 ? [`${left} earlier steps`, ...story.steps.slice(-steps).map(cut)] : story.steps.map(cut),
    members: story.members.map(cut),
    changes: story.changes.slice(0, changes).map(({ summary, lines }) => ({
      summary: cut(summary),
      lines: lines.slice(0, changeLines).map(cut),
    })),
  }
}

function shortened({ evidence }: Story): string {
  return `This message was shortened${evidence === null ? '' : `; all of it is shown by: ${evidence}`}.`
}
