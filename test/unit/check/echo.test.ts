import { describe, expect, it } from 'vitest'
import { withoutEchoes } from '../../../src/check/echo.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import { EXAMPLE, NOW } from './snapshot-builder.ts'

const gained = change(['20 mx2.example.com.'], [])
const lost = change([], ['20 mx2.example.com.'])
const other = change(['30 mx3.example.com.'], [])

function change(added: readonly string[], removed: readonly string[], at = NOW): Change {
  return {
    domain: EXAMPLE,
    at,
    part: 'mx',
    subject: null,
    summary: '',
    removed,
    added,
    notable: true,
    settles: null,
  }
}

describe('a change', () => {
  it.each<[string, Change, readonly Change[], boolean]>([
    ['is told', gained, [], true],
    ['that is undone while it spreads is not told', lost, [{ ...gained, at: NOW - HOUR_MS }], false],
    ['that comes again while it spreads is not told', gained, [{ ...gained, at: NOW - HOUR_MS }], false],
    ['that is undone two hours later is told', lost, [{ ...gained, at: NOW - 2 * HOUR_MS }], true],
    ['after another one is told', other, [{ ...gained, at: NOW - HOUR_MS }], true],
    [
      'that no cache can feign is told',
      { ...lost, part: 'sts-policy' },
      [{ ...gained, part: 'sts-policy' }],
      true,
    ],
    ['of another part is told', { ...lost, part: 'tlsa' }, [{ ...gained, at: NOW - HOUR_MS }], true],
  ])('%s', (_, now, lately, notable) => {
    expect(withoutEchoes([now], lately, NOW)).toEqual([{ ...now, notable, settles: null }])
  })
})
