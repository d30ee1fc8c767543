import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/incident/advance.ts'
import { inhibit } from '../../../src/incident/inhibit.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import type { Sight } from '../../../src/model/vantage.ts'
import { countingTools, DOMAIN, look, play, START, TWO_SIGHTINGS } from './play.ts'

const EXPIRED: FindingCode = 'mx.certificate.expired'

function reasons(word: string, code: FindingCode, dns: Sight, clockSkewMs: number | null): string {
  const { memory } = play('bad bad', { code })
  const at = START + HOUR_MS
  const vantage = { dns, dnssec: 'sees', https: 'sees', smtp: 'sees' } as const
  const judgement = inhibit(look(word, code, at), DOMAIN, { vantage, clockSkewMs })
  return advance(memory, judgement, at, countingTools())
    .map(({ reason }) => reason)
    .join()
}

describe('our own trouble', () => {
  it.each<[string, string, FindingCode, Sight, number | null, string]>([
    ['none: recovery counts', 'ok', TWO_SIGHTINGS, 'sees', 0, 'recovering'],
    ['unproven sight: recovery counts', 'ok', TWO_SIGHTINGS, 'unproven', null, 'recovering'],
    ['blind: neither recovery', 'ok', TWO_SIGHTINGS, 'blind', null, ''],
    ['blind: nor rise', 'crit', TWO_SIGHTINGS, 'blind', null, ''],
    ['clock an hour off: expiry is left alone', 'ok', EXPIRED, 'sees', HOUR_MS + 1, ''],
    ['clock an hour behind: expiry is left alone', 'ok', EXPIRED, 'sees', -HOUR_MS - 1, ''],
    ['clock an hour off: the rest counts', 'ok', TWO_SIGHTINGS, 'sees', HOUR_MS + 1, 'recovering'],
    ['clock a minute off: expiry counts', 'ok', EXPIRED, 'sees', 60_000, 'recovering'],
  ])('%s', (_, word, code, dns, skew, expected) => {
    expect(reasons(word, code, dns, skew)).toBe(expected)
  })

  it('opens nothing while the resolver is blind', () => {
    const trouble = {
      vantage: { dns: 'blind', dnssec: 'sees', https: 'sees', smtp: 'sees' },
      clockSkewMs: null,
    } as const
    const judgement = inhibit(look('bad', TWO_SIGHTINGS, START), DOMAIN, trouble)
    expect(advance([], judgement, START, countingTools())).toEqual([])
  })
})
