/** Charts as SVG: light, on a ground of their own, so that they can be read wherever a client puts them. */
import { dayText } from '../announce/text-time.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { CertificateEnd, SessionDay, WeeklySummary } from '../model/weekly-summary.ts'
import { dueTone, hostText } from './summary-next-words.ts'
import { countText, numberText } from './summary-numbers.ts'

const WIDTH = 536
const INK = '#1c2530'
const DIM = '#5b6675'
const GRID = '#d5dbe2'
const GROUND = '#f4f6f8'
const BAND = '#e6edf6'
const CALM = '#3b73c4'
const EARLIER = '#a9bfdd'
const FAILED = '#c5221f'
const FAILED_EARLIER = '#dd9a98'
const DUE = { critical: FAILED, warning: '#b45309', info: CALM, resolved: CALM } as const

const LEFT = 16
const RIGHT = 16

/** Sessions a day and, below them on a scale of its own, failures; the days of the period stand out. */
export function sessionChart(days: readonly SessionDay[]): string {
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, days.length)
  const first = days.findIndex(({ inPeriod }) => inPeriod)
  const bandX = LEFT + Math.max(0, first) * step
  const all = { top: 40, height: 92, pick: ({ sessions }: SessionDay) => sessions }
  const failed = { top: 176, height: 44, pick: ({ failedSessions }: SessionDay) => failedSessions }
  const body = [
    rect(bandX, 12, WIDTH - RIGHT - bandX, 214, BAND),
    panel(days, all, step, [CALM, EARLIER]),
    label(LEFT, 28, `Sessions a day, at most ${numberText(largest(days, all.pick))}`, INK),
    panel(days, failed, step, [FAILED, FAILED_EARLIER]),
    label(LEFT, 164, failedTitle(largest(days, failed.pick)), INK),
    ...dayLabels(days, step, 246),
  ]
  return svg(260, body)
}

function failedTitle(most: number): string {
  return most === 0 ? 'Of these, none failed' : `Of these failed, at most ${numberText(most)} a day`
}

interface Panel {
  readonly top: number
  readonly height: number
  readonly pick: (day: SessionDay) => number
}

function panel(
  days: readonly SessionDay[],
  { top, height, pick }: Panel,
  step: number,
  [inPeriod, earlier]: readonly [string, string],
): string {
  const most = largest(days, pick)
  const gap = Math.min(3, step * 0.25)
  const bars = days.map((day, index) => {
    const value = pick(day)
    if (value === 0) return ''
    // Something is never drawn as nothing.
    const size = Math.max(2, (height * value) / most)
    const colour = day.inPeriod ? inPeriod : earlier
    return rect(LEFT + index * step + gap / 2, top + height - size, step - gap, size, colour)
  })
  return [...bars, line(LEFT, top + height, WIDTH - RIGHT, top + height)].join('')
}

function largest(days: readonly SessionDay[], pick: Panel['pick']): number {
  return days.reduce((most, day) => Math.max(most, pick(day)), 0)
}

/** A date every seven days, counted back from the last. */
function dayLabels(days: readonly SessionDay[], step: number, y: number): readonly string[] {
  return days.flatMap(({ dayAt }, index) => {
    if ((days.length - index) % 7 !== 0) return []
    const [, month, day] = new Date(dayAt).toISOString().slice(0, 10).split('-')
    return label(LEFT + index * step, y, `${month}-${day}`, DIM)
  })
}

const ROW = 34
const AXIS_DAYS = 90
const ROWS_MAX = 8

/** When the next certificates end: a bar each from today, the dangerous ones in their colour. */
export function certificateChart({ certificates, at, timezone }: WeeklySummary): string {
  const rows = certificates.first.slice(0, ROWS_MAX)
  const height = 52 + rows.length * ROW
  const x = (days: number) => LEFT + (Math.min(days, AXIS_DAYS) / AXIS_DAYS) * (WIDTH - LEFT - RIGHT)
  const marks = [0, 30, 60, 90].map((days) => {
    const text = days === 0 ? 'today' : `${days} days`
    const anchor = days === 0 ? 'start' : days === AXIS_DAYS ? 'end' : 'middle'
    return line(x(days), 34, x(days), height - 12) + label(x(days), 26, text, DIM, anchor)
  })
  const bars = rows.map((end, index) => certificateRow(end, 42 + index * ROW, at, timezone, x))
  return svg(height, [...marks, ...bars])
}

function certificateRow(
  end: CertificateEnd,
  y: number,
  at: UnixMs,
  timezone: string,
  x: (days: number) => number,
): string {
  const days = Math.max(0, (end.endsAt - at) / DAY_MS)
  const colour = end.isDue ? DUE[dueTone(end, { at })] : CALM
  const left = end.endsAt <= at ? 'ended' : countText(Math.floor(days), 'day')
  return [
    rect(LEFT, y + 19, Math.max(3, x(days) - LEFT), 7, colour),
    label(LEFT, y + 13, shortened(chartName(end.host)), INK),
    label(
      WIDTH - RIGHT,
      y + 12,
      `${dayText(end.endsAt, timezone)}, ${left}`,
      end.isDue ? colour : DIM,
      'end',
    ),
  ].join('')
}

const NAME_MAX = 30

function shortened(text: string): string {
  const points = [...text]
  return points.length <= NAME_MAX ? text : `${points.slice(0, NAME_MAX - 1).join('')}…`
}

/** The name as people write it when the font has its letters, else as the DNS has it. */
function chartName(host: string): string {
  const shown = hostText(host)
  return /^[\u0020-\u052f\u2026]*$/.test(shown) ? shown : host.replace(/[^\x20-\x7e]/g, '?')
}

function svg(height: number, body: readonly string[]): string {
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="DejaVu Sans"><rect width="${WIDTH}" height="${height}" fill="${GROUND}"/>${body.join('')}</svg>`
}

function rect(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${tenth(x)}" y="${tenth(y)}" width="${tenth(width)}" height="${tenth(height)}" fill="${colour}"/>`
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${tenth(x1)} ${tenth(y1)}L${tenth(x2)} ${tenth(y2)}" stroke="${GRID}" stroke-width="1"/>`
}

function label(
  x: number,
  y: number,
  text: string,
  colour: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
) {
  return `<text x="${tenth(x)}" y="${tenth(y)}" font-size="15" fill="${colour}" text-anchor="${anchor}">${escaped(text)}</text>`
}

function tenth(value: number): string {
  return value.toFixed(1)
}

/** XML 1.0 §2.2 knows characters that may not even be escaped. */
function escaped(text: string): string {
  return text
    .replace(/[^\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
