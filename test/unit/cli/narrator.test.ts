import { describe, expect, test } from 'vitest'
import { narrator } from '../../../src/cli/narrator.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { configOf } from '../app/desk.ts'
import { POISON } from '../lib/poison.ts'
import { capturedIo } from './captured-io.ts'

const T0 = Date.UTC(2026, 10, 23, 14, 5)
const DONE = { domain: 'a.example', tookMs: 1_234, findings: [], undecided: 0, transitions: [] }

function telling(terminal: boolean, domains: readonly string[] = ['a.example']) {
  const { io, said } = capturedIo({ terminal })
  const log = narrator(io, manualClock(T0), configOf({ domains, timezone: 'Europe/Berlin' }))
  /** What was said, without colours and without what clears a line. */
  const plain = () => said.err.replace(/\u001b\[\d*(?:;\d+)*m|\r\u001b\[K/g, '')
  return { log, said, plain }
}

describe('on a terminal', () => {
  test.each<[string, Parameters<ReturnType<typeof narrator>['info']>, string]>([
    [
      'a look that found nothing',
      ['check.done', DONE],
      '15:05:00 a.example                    well  1.2 s\n',
    ],
    [
      'findings',
      ['check.done', { ...DONE, findings: ['tlsrpt.record.missing', 'b', 'c', 'd'] }],
      '15:05:00 a.example                    4 findings: tlsrpt.record.missing, b, c …  1.2 s\n',
    ],
    [
      'one finding and its incident',
      ['check.done', { ...DONE, findings: ['b'], transitions: ['opened inc_1'] }],
      '15:05:00 a.example                    1 finding: b  [opened inc_1]  1.2 s\n',
    ],
    [
      'a look that could not see',
      ['check.done', { ...DONE, undecided: 3 }],
      '15:05:00 a.example                    could not be looked at whole  1.2 s\n',
    ],
    [
      'any other event',
      ['start', { role: 'all', channels: ['ops', 'night'] }],
      '15:05:00 start  role all  channels ops, night\n',
    ],
  ])('tells %s in one line, by the clock of the watch list', (_, event, line) => {
    const { log, said, plain } = telling(true)
    log.info(...event)
    expect(plain()).toBe(line)
    expect(said.out).toBe('')
  })

  test.each([
    ['warn', '\u001b[33m'],
    ['error', '\u001b[31m'],
  ] as const)('paints a %s', (level, colour) => {
    const { log, said } = telling(true)
    log[level]('storage', { line: 'x' })
    expect(said.err).toContain(colour)
  })

  test('shows how far the first round is, and no more when it is over', () => {
    const { log, plain } = telling(true, ['a.example', 'b.example'])
    log.info('check.done', DONE)
    expect(plain()).toMatch(/\nfirst round █{15}░{15} 1\/2$/)
    log.error('check.failed', { domain: 'b.example', error: 'a bug' })
    expect(plain()).toMatch(/error a bug\n$/)
  })

  test('is not moved, cleared or reordered by what far sides say', () => {
    const { log, plain } = telling(true)
    log.info('check.done', { ...DONE, findings: [`mx.target.malformed ${POISON}`] })
    log.warn('delivery.trouble', { error: POISON, list: [POISON] })
    expect(plain().split('\n')).toHaveLength(3)
    expect(plain()).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
  })
})

describe('where no person reads', () => {
  test('is one JSON object an event, with the time in UTC', () => {
    const { log, said } = telling(false, ['a.example', 'b.example'])
    log.info('check.done', DONE)
    log.error('config.refused', { problems: ['watch.yaml:1:1: x'] })
    expect(
      said.err
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { level: 'info', time: '2026-11-23T14:05:00.000Z', event: 'check.done', ...DONE },
      {
        level: 'error',
        time: '2026-11-23T14:05:00.000Z',
        event: 'config.refused',
        problems: ['watch.yaml:1:1: x'],
      },
    ])
    expect(said.out).toBe('')
  })
})
