import { pino } from 'pino'
import type { Clock } from './time.ts'

export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** One event a call, one name an event: `check.done`, `delivery.failed`. */
export interface Logger {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

const FIELD_CAP = 1024

/** JSON lines with a time from `clock`; every string is capped and printable, one event is one line (S35). */
export function jsonLogger(write: (line: string) => void, clock: Clock): Logger {
  const log = pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(visible(line)) },
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
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' && value.length > FIELD_CAP ? `${value.slice(0, FIELD_CAP)}…` : value,
    ]),
  )
}

// JSON leaves DEL, C1 and bidi controls as they are; a terminal or log viewer would obey them.
function visible(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
