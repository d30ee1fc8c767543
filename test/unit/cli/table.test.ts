import { describe, expect, it } from 'vitest'
import { minuteText, usualMinute } from '../../../src/cli/arrival-time.ts'
import { painter } from '../../../src/cli/paint.ts'
import { cell, figure, renderTable } from '../../../src/cli/table.ts'

const plain = painter(false)

describe('a table', () => {
  it('has its columns under each other, figures to the right', () => {
    expect(
      renderTable(
        [
          [cell('A'), figure('N'), cell('B')],
          [cell('long'), figure('1,000'), cell('x')],
        ],
        80,
        plain,
      ),
    ).toBe('A         N  B\nlong  1,000  x\n')
  })

  it('takes from the widest column what the terminal is too narrow for', () => {
    const rows = [[cell('short'), cell('x'.repeat(60)), cell('y'.repeat(30))]]
    const [line = ''] = renderTable(rows, 60, plain).split('\n')
    expect(line).toHaveLength(60)
    expect(line).toMatch(/^short {2}x+… {2}y+…?$/)
  })

  it('does not make columns narrower than ten characters', () => {
    expect(renderTable([[cell('x'.repeat(20)), cell('y'.repeat(20))]], 5, plain)).toBe(
      `${'x'.repeat(9)}…  ${'y'.repeat(9)}…\n`,
    )
  })

  it('counts characters, not colours', () => {
    const [first, second] = renderTable(
      [
        [cell('a', 'red'), cell('b')],
        [cell('aa'), cell('b')],
      ],
      80,
      painter(true),
    ).split('\n')
    expect(first).toBe('\u001b[31ma\u001b[39m   b')
    expect(second).toBe('aa  b')
  })
})

describe('the usual time of arrival', () => {
  const at = (...times: string[]) => times.map((time, day) => Date.parse(`2026-01-${10 + day}T${time}Z`))

  it.each<[string, number[], string | null]>([
    ['nothing', [], null],
    ['two say nothing', at('03:00', '03:10'), null],
    ['the middle of three', at('03:00', '09:00', '03:10'), '03:10 UTC'],
    ['around midnight', at('23:50', '00:10', '23:58', '00:02', '00:01'), '00:01 UTC'],
    ['always the same', at('12:00', '12:00', '12:00'), '12:00 UTC'],
  ])('%s', (_, arrivals, expected) => {
    const minute = usualMinute(arrivals)
    expect(minute === null ? null : minuteText(minute)).toBe(expected)
  })
})
