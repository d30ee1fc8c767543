import { z } from 'zod'
import { MINUTE_MS } from '../lib/time.ts'
import type { CronRule } from './cron-rule.ts'
import * as values from './watch-values.ts'

/** What the sections of watch.yaml are made of. */

export const MIN_CHECK_GAP_MS = 5 * MINUTE_MS

/** What single values are judged by, besides themselves. */
export interface SchemaContext {
  readonly cronRule: CronRule
  /** The channels that the file defines. */
  readonly channels: readonly string[]
  /** The names and tags of the watched domains. */
  readonly domains: readonly string[]
  readonly tags: readonly string[]
  readonly timezone: string
  readonly lab: boolean
  /** How the file writes `summary`: a union of both would complain about each. */
  readonly summaryForm: 'mapping' | 'list' | 'either'
}

/** A text that this judge has nothing against; its complaint comes as an issue. */
export function text(judge: values.Judge) {
  return z.string().superRefine((value, check) => {
    const complaint = judge(value)
    if (complaint !== null)
      check.addIssue({ code: 'custom', message: complaint.allowed, params: { ...complaint } })
  })
}

/** A mapping that knows its keys; the issue of an unknown key lists them. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  })
}

/** A mapping that may be written short, as the text of its first key. */
export function shortMapping<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  key: string,
  description: string,
) {
  const fromText = (value: unknown): unknown => (typeof value === 'string' ? { [key]: value } : value)
  // A union would complain about every branch; this way each mistake is told once, where it is.
  return z.preprocess(fromText, mapping(shape)).meta({ description, shortForm: { type: 'string' } })
}

/** A cron line that the rule accepts and that asks for nothing more often than once in so many milliseconds. */
export function cronLine(context: SchemaContext, gapMs: number) {
  return text(values.cronLine(context.cronRule, gapMs))
}

/** Names of channels that the file defines. */
export function channelList(context: SchemaContext) {
  return z.array(text(values.oneOf(context.channels, 'a name from `channels`, which has none'))).min(1)
}
