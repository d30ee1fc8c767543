import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonLogger, type LogFields, silentLogger } from '../../../src/lib/log.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { POISON } from './poison.ts'

const T0 = Date.UTC(2026, 10, 23, 14, 5)
// What a terminal or a log viewer would obey, hide or be confused by; the line end alone is meant.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

function journal() {
  const written: string[] = []
  const log = jsonLogger((line) => written.push(line), manualClock(T0))
  /** The one line of the last event, without its end. */
  const last = (): string => {
    const line = written.at(-1) ?? ''
    expect(line.endsWith('\n')).toBe(true)
    return line.slice(0, -1)
  }
  return { log, written, last, parsed: () => JSON.parse(last()) as Record<string, unknown> }
}

describe('the JSON log', () => {
  test('is one line an event: level, time of the clock, event, fields', () => {
    const { log, parsed } = journal()
    log.info('check.done', {
      domain: 'example.com',
      findings: ['a', 'b'],
      undecided: 0,
      slot: null,
      ok: true,
    })
    expect(parsed()).toEqual({
      level: 'info',
      time: '2026-11-23T14:05:00.000Z',
      event: 'check.done',
      domain: 'example.com',
      findings: ['a', 'b'],
      undecided: 0,
      slot: null,
      ok: true,
    })
  })

  test.each(['info', 'warn', 'error'] as const)('says %s', (level) => {
    const { log, parsed } = journal()
    log[level]('start')
    expect(parsed()).toMatchObject({ level, event: 'start' })
  })

  test('is one printable line, whatever is in the fields, and nothing is lost', () => {
    const { log, written, last, parsed } = journal()
    log.warn('storage', { line: POISON, many: [POISON, 'x'] })
    expect(written).toHaveLength(1)
    expect(last()).not.toMatch(UNSAFE)
    expect(parsed()).toMatchObject({ line: POISON, many: [POISON, 'x'] })
  })

  test('is printable and parses for any text', () => {
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units))
    const { log, written, last, parsed } = journal()
    fc.assert(
      fc.property(anyText, fc.string({ unit: 'binary' }), (units, points) => {
        written.length = 0
        log.info('event', { units, points })
        expect(written).toHaveLength(1)
        expect(last()).not.toMatch(UNSAFE)
        expect(parsed()).toMatchObject({ units, points })
      }),
      { numRuns: 500 },
    )
  })

  test.each<[string, LogFields, LogFields]>([
    ['a long text', { text: 'x'.repeat(5_000) }, { text: `${'x'.repeat(1_024)}…` }],
    ['a text of just the cap', { text: 'x'.repeat(1_024) }, { text: 'x'.repeat(1_024) }],
    ['a long text in a list', { list: ['x'.repeat(5_000)] }, { list: [`${'x'.repeat(1_024)}…`] }],
    [
      'a long list',
      { list: Array.from({ length: 90 }, () => 'y'.repeat(100)) },
      { list: [...Array.from({ length: 40 }, () => 'y'.repeat(100)), '… and 50 more'] },
    ],
  ])('caps %s', (_, fields, capped) => {
    const { log, parsed } = journal()
    log.info('event', fields)
    expect(parsed()).toMatchObject(capped)
  })
})

test('the silent log takes everything and says nothing', () => {
  expect([silentLogger.info('a'), silentLogger.warn('b', { c: 1 }), silentLogger.error('d')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
