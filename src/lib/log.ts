import { pino } from 'pino'
import { printableJson } from './printable-json.ts'
import type { Clock } from './time.ts'

export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** One event a call, one name an event: `check.done`, `delivery.failed`. */
export interface Logger {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

const FIELD_CAP = 1024
/** All texts of a list together. */
const LIST_CAP = 4 * FIELD_CAP

/** JSON lines with a time from `clock`; every text and list is capped and printable, one event is one line (S35). */
export function jsonLogger(write: (line: string) => void, clock: Clock): Logger {
  const log = pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(printableJson(line)) },
  )
  return {
    info: (event, fields = {}) => log.info(capped(fields), event),
    warn: (event, fields = {}) => log.warn(capped(fields), event),
    error: (event, fields = {}) => log.error(capped(fields), event),
  }
}

/** For callers that want silence: tests, one-shot commands. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} }

function capped(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, cappedValue(value)]))
}

function cappedValue(value: LogFields[string]): LogFields[string] {
  if (typeof value === 'string') return cappedText(value)
  return Array.isArray(value) ? cappedList(value) : value
}

function cappedText(text: string): string {
  return text.length > FIELD_CAP ? `${text.slice(0, FIELD_CAP)}…` : text
}

function cappedList(list: readonly string[]): readonly string[] {
  const kept: string[] = []
  let size = 0
  for (const text of list.map(cappedText)) {
    size += text.length
    if (size > LIST_CAP) return [...kept, `… and ${list.length - kept.length} more`]
    kept.push(text)
  }
  return kept
}
