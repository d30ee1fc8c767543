import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import { play, said } from './play.ts'

const turn = 'bad bad ok ok'
const quiet = (word: string, hours: number) => Array.from({ length: hours * 12 }, () => word).join(' ')

describe('flapping', () => {
  it.each([
    ['two turns are told', turn, 'opened resolved'],
    ['three turns are told', `${turn} bad bad`, 'opened resolved opened'],
    ['the fourth is told as flapping', `${turn} ${turn}`, 'opened resolved opened flapping'],
    ['further ones are not told', `${turn} ${turn} ${turn} ${turn}`, 'opened resolved opened flapping'],
    [
      'six quiet hours, clear',
      `${turn} ${turn} ${quiet('ok', 7)}`,
      'opened resolved opened flapping steadied',
    ],
    [
      'six quiet hours, bad',
      `${turn} ${turn} ${quiet('bad', 7)}`,
      'opened resolved opened flapping steadied',
    ],
    [
      'slow turns are told each',
      `${turn} ${quiet('ok', 7)} ${turn} ${quiet('ok', 7)} ${turn}`,
      'opened resolved '.repeat(3).trim(),
    ],
    [
      'a recovery is not quiet',
      `${turn} ${turn} ${quiet('bad', 5)} ${quiet('ok', 5)}`,
      'opened resolved opened flapping',
    ],
    [
      'what cannot be seen is not quiet',
      `${turn} ${turn} ${quiet('?', 7)}`,
      'opened resolved opened flapping',
    ],
  ])('%s', (_, looks, heard) => {
    expect(said(play(looks))).toBe(heard)
  })

  it.each([
    ['ok', 'resolved'],
    ['bad', 'open'],
  ])('ends in the state that is true: %s → %s', (word, phase) => {
    const { memory } = play(`${turn} ${turn} ${quiet(word, 7)}`)
    expect(memory).toMatchObject([{ phase: { name: phase }, flappingSince: null }])
  })

  it('keeps the incident live while nothing is told, so that its end cannot be forgotten', () => {
    const { memory } = play(`${turn} ${turn} ${quiet('ok', 5)}`)
    expect(memory).toMatchObject([{ phase: { name: 'recovering' } }])
  })

  it('leaves room for less after it has steadied', () => {
    const heard = said(play(`${turn} ${turn} ${quiet('ok', 7)} ${turn} ${turn}`))
    expect(heard).toBe('opened resolved opened flapping steadied opened resolved flapping')
  })

  it('still tells that a flapping problem became critical', () => {
    expect(said(play(`${turn} ${turn} crit crit crit`))).toBe('opened resolved opened flapping worsened')
  })

  it('lets the monitor speak of one cause once a day', () => {
    const code = 'monitor.config.broken'
    const day = play('bad ok bad ok bad ok', { code, stepMs: HOUR_MS })
    expect(said(day)).toBe('opened resolved flapping')
    const days = play(`bad ok ${'ok '.repeat(24)}bad ok`, { code, stepMs: HOUR_MS + MINUTE_MS })
    expect(said(days)).toBe('opened resolved opened resolved')
  })
})
