import {
  describeEarly,
  describePlan,
  describeStep,
  type EarlyText,
  type StepText,
} from '../announce/plan-words.ts'
import { instantText } from '../announce/text-time.ts'
import type { DescribeContext } from '../announce/words.ts'
import type { RemedyLine } from '../model/description.ts'
import type { Plan } from '../model/plan.ts'
import type { PlanNews } from '../plan/plan-news.ts'
import type { Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'

type Style = Parameters<Paint>[0]

const MARKS: Readonly<Record<StepText['mark'], readonly [mark: string, style: Style]>> = {
  done: ['✓', 'green'],
  next: ['→', 'cyan'],
  waiting: ['·', 'yellow'],
  blocked: ['✗', 'red'],
  undecided: ['?', 'yellow'],
}

interface Page {
  readonly paint: Paint
  readonly width: number
}

/** The whole plan: what came too early, what is not known, then the steps in order. */
export function renderPlan(plan: Plan, context: DescribeContext, io: Io): string {
  const page = pageOf(io)
  const { title, unknowns, tooEarly, steps } = describePlan(plan, context)
  return [
    `${page.paint('bold', title)}\n`,
    ...tooEarly.map((early) => `\n${earlyText(early, page)}`),
    ...unknowns.map((sentence) => `\n${wrap(sentence, page.width, '    ')}\n`),
    ...steps.map((step, index) => `\n${stepText(step, index + 1, page)}`),
  ].join('')
}

/** One thing that a later look brought, with the time it was seen. */
export function renderNews(news: PlanNews, plan: Plan, context: DescribeContext, io: Io): string {
  const page = pageOf(io)
  const at = page.paint('dim', instantText(plan.madeAt, context.timezone))
  switch (news.kind) {
    case 'finished':
      return `${at}\n${page.paint(['green', 'bold'], '✓ All steps are done')}\n`
    case 'too-early':
      return `${at}\n${earlyText(describeEarly(news.early, context), page)}`
    case 'undone':
      return `${at}\n${page.paint('yellow', `! Step ${news.number} is no longer done: `)}${describeStep(news.step, news.number - 1, plan, context).title}\n`
    default:
      return `${at}\n${stepText(describeStep(news.step, news.number - 1, plan, context), news.number, page)}`
  }
}

function pageOf(io: Io): Page {
  return { paint: painter(io.terminal), width: Math.min(Math.max(io.columns, 60), 120) }
}

function stepText(
  { mark, title, state, waits, lines, doneWhen }: StepText,
  number: number,
  { paint, width }: Page,
): string {
  const [sign, style] = MARKS[mark]
  const head = `${paint(style, sign)} ${number}. ${title}\n${wrap(state, width, '      ')}\n`
  if (mark === 'done') return head
  return [
    head,
    ...waits.map((wait) => `${wrap(wait, width, '      ')}\n`),
    ...lines.map((line) => lineText(line, { paint, width })),
    `${wrap(`Done when ${doneWhen}.`, width, '      ')}\n`,
  ].join('')
}

function earlyText({ title, hurt, remedy }: EarlyText, page: Page): string {
  return [
    `${page.paint(['red', 'bold'], `✗ ${title}`)}\n`,
    `${wrap(hurt, page.width, '      ')}\n`,
    ...remedy.map((line) => lineText(line, page)),
  ].join('')
}

function lineText({ kind, text }: RemedyLine, { paint, width }: Page): string {
  return kind === 'code' ? `          ${paint('cyan', text)}\n` : `${wrap(text, width, '      ')}\n`
}
