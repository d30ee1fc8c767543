import { err, ok, type Result } from './result.ts'

/** A five-field cron line as sets. Day of month and day of week must both match, as node-cron has it. */
export interface Cron {
  readonly line: string
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
)
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ')

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 7, names: WEEKDAYS },
]

/**
 * Reads `minute hour day-of-month month day-of-week` with `*`, lists, ranges, steps and English names.
 * The error names the field and what it may hold.
 */
export function parseCron(line: string): Result<Cron, string> {
  const words = line.trim().split(/\s+/)
  if (words.length === 6) return err('six fields: a seconds field is not supported, leave the first one out')
  if (words.length !== 5)
    return err(`${words.length} fields, but a cron line has 5: minute hour day month weekday`)
  const sets: Set<number>[] = []
  for (const [index, field] of FIELDS.entries()) {
    const values = parseField(words[index] ?? '', field)
    if (!values.ok) return values
    sets.push(values.value)
  }
  const [minutes, hours, daysOfMonth, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ]
  if (weekdays.delete(7)) weekdays.add(0)
  return ok({
    line,
    minutes: [...minutes].sort((a, b) => a - b),
    hours: [...hours].sort((a, b) => a - b),
    daysOfMonth,
    months,
    daysOfWeek: weekdays,
  })
}

function parseField(text: string, field: Field): Result<Set<number>, string> {
  const values = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,3}))?$/.exec(part)
    const range = match === null ? null : rangeOf(match[1] ?? '', match[2] ?? null, field)
    if (match === null || range === null) {
      return err(
        `${field.name} field "${text}": allowed are *, ${field.min}-${field.max}, lists, ranges and steps such as */15`,
      )
    }
    const step = match[3] === undefined ? 1 : Number(match[3])
    if (step === 0) return err(`${field.name} field "${text}": a step of 0 never comes round`)
    // As in other crons, "5/10" counts from 5 to the end of the range.
    const last = match[3] !== undefined && match[2] === undefined ? field.max : range[1]
    for (let value = range[0]; value <= last; value += step) values.add(value)
  }
  return ok(values)
}

function rangeOf(from: string, to: string | null, field: Field): readonly [number, number] | null {
  if (from === '*') return to === null ? [field.min, field.max] : null
  const first = numberOf(from, field)
  const last = to === null ? first : numberOf(to, field)
  return first === null || last === null || first > last ? null : [first, last]
}

function numberOf(word: string, field: Field): number | null {
  const named = field.names.findIndex((name) => word === name || word === name.slice(0, 3))
  if (named >= 0) return named + field.min
  if (!/^\d{1,2}$/.test(word)) return null
  const value = Number(word)
  return value >= field.min && value <= field.max ? value : null
}
