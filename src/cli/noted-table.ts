import type { Io } from './io.ts'
import { painter, wrap } from './paint.ts'
import { type Cell, cell, renderTable } from './table.ts'

/** A row of a table, and what stands below it, whole, however wide the terminal is. */
export interface NotedRow {
  readonly cells: readonly Cell[]
  /** Null: nothing. */
  readonly note: string | null
}

const INDENT = ' '.repeat(12)

export function renderNotedTable(
  head: readonly string[],
  rows: readonly NotedRow[],
  { columns, terminal }: Pick<Io, 'columns' | 'terminal'>,
): string {
  const table = renderTable(
    [head.map((word) => cell(word, 'bold')), ...rows.map(({ cells }) => cells)],
    columns,
    painter(terminal),
  )
  const [first, ...lines] = table.trimEnd().split('\n')
  const shown = lines.flatMap((line, index) => {
    const note = rows[index]?.note ?? null
    return note === null ? [line] : [line, wrap(note, columns, INDENT)]
  })
  return `${[first, ...shown].join('\n')}\n`
}
