import type { Paint } from './paint.ts'

export interface Cell {
  readonly text: string
  readonly style: Parameters<Paint>[0] | null
  readonly align: 'left' | 'right'
}

const GAP = '  '
const NARROWEST = 10

export function cell(text: string, style: Cell['style'] = null): Cell {
  return { text, style, align: 'left' }
}

/** A number, or what stands in its column. */
export function figure(text: string, style: Cell['style'] = null): Cell {
  return { text, style, align: 'right' }
}

/** Rows with columns under each other, each line at most `width` long where that leaves ten characters a column. */
export function renderTable(rows: readonly (readonly Cell[])[], width: number, paint: Paint): string {
  const widths = narrowed(columnWidths(rows), width)
  const lines = rows.map((row) =>
    row
      .map(({ text, style, align }, index) => {
        const room = widths[index] ?? 0
        const cut = shorten(text, room)
        const padding = ' '.repeat(Math.max(0, room - length(cut)))
        const shown = style === null ? cut : paint(style, cut)
        return align === 'right' ? padding + shown : shown + (index === row.length - 1 ? '' : padding)
      })
      .join(GAP),
  )
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, { text }] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, length(text))
  }
  return widths
}

/** Takes from the widest until it fits. */
function narrowed(widths: readonly number[], width: number): number[] {
  const fitted = [...widths]
  const total = () => fitted.reduce((sum, one) => sum + one, GAP.length * (fitted.length - 1))
  while (total() > width) {
    const widest = fitted.indexOf(Math.max(...fitted))
    if ((fitted[widest] ?? 0) <= NARROWEST) break
    fitted[widest] = (fitted[widest] ?? 0) - 1
  }
  return fitted
}

function length(text: string): number {
  return [...text].length
}

function shorten(text: string, room: number): string {
  return length(text) <= room ? text : `${[...text].slice(0, Math.max(0, room - 1)).join('')}…`
}
