import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/incident/advance.ts'
import { CONFIRMATIONS } from '../../../src/incident/confirmation.ts'
import { CONFIRMING_HOST_AGE_MS, nextLookAt } from '../../../src/incident/next-look.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { countingTools, look, play, remember, START } from './play.ts'

/** Looks when asked to, seeing the words one after the other; gives the minutes of each look and what it did. */
function followed(words: string, code: FindingCode): readonly string[] {
  const tools = countingTools()
  let memory: readonly Incident[] = []
  let at: UnixMs | null = START
  const diary: string[] = []
  for (const word of words.split(' ')) {
    if (at === null) return [...diary, 'nothing to wait for']
    const steps = advance(memory, look(word, code, at), at, tools)
    memory = remember(memory, steps)
    diary.push(`${(at - START) / MINUTE_MS} ${steps.map(({ reason }) => reason).join()}`.trim())
    at = nextLookAt(memory, at)
  }
  return diary
}

describe('the next look', () => {
  it.each<[string, FindingCode, string[]]>([
    ['ok ok', 'mx.host.unreachable', ['0', 'nothing to wait for']],
    [
      'bad bad bad ok',
      'mx.host.unreachable',
      ['0 suspected', '5 suspected', '15 opened', 'nothing to wait for'],
    ],
    ['bad bad', 'mx.certificate.expired', ['0 suspected', '1 opened']],
    ['bad bad', 'policy-host.certificate.expired', ['0 suspected', '5 opened']],
    ['bad bad bad', 'mta-sts.record.missing', ['0 suspected', '5 suspected', '10 opened']],
    ['bad bad bad bad', 'domain.undecided', ['0 suspected', '10 suspected', '20 suspected', '60 opened']],
    ['bad ? ? bad', 'mx.certificate.expired', ['0 suspected', '1', '2', '3 opened']],
    ['bad ok bad', 'mx.certificate.expired', ['0 suspected', '1 dismissed', 'nothing to wait for']],
  ])('of %s for %s', (words, code, diary) => {
    expect(followed(words, code)).toEqual(diary)
  })

  it('confirms a recovery a minute later, a rise after the same spacing as an opening', () => {
    const at = START + 3 * 5 * MINUTE_MS
    expect(nextLookAt(play('bad bad bad ok').memory, at)).toBe(at + MINUTE_MS)
    expect(nextLookAt(play('bad bad bad crit').memory, at)).toBe(at + 5 * MINUTE_MS)
    expect(nextLookAt(play('bad bad bad bad').memory, at)).toBeNull()
  })

  it('leaves a policy host alone for five minutes while fetching fails, whatever else wants to be confirmed', () => {
    const fetching = play('bad', { code: 'mta-sts.policy.unfetchable' }).memory
    const certificate = play('bad', { code: 'mx.certificate.expired' }).memory
    expect(nextLookAt(certificate, START)).toBe(START + MINUTE_MS)
    expect(nextLookAt([...fetching, ...certificate], START)).toBe(START + 5 * MINUTE_MS)
  })

  it('is left to the schedule when an hour has decided nothing', () => {
    const suspected = play('bad').memory
    const recovering = play('bad bad ok', { stepMs: 5 * MINUTE_MS }).memory
    const later = START + 2 * HOUR_MS
    expect([nextLookAt(suspected, later), nextLookAt(recovering, later)]).toEqual([null, null])
  })

  it('comes at the end of six quiet hours of a flapping incident', () => {
    const { memory } = play('bad bad ok ok bad bad ok ok')
    const lastTurnAt = START + 7 * 5 * MINUTE_MS
    expect(memory).toMatchObject([{ flappingSince: lastTurnAt }])
    expect(nextLookAt(memory, lastTurnAt)).toBe(lastTurnAt + 6 * HOUR_MS)
  })

  it('never lets a host look that is still remembered pass for a second one', () => {
    const spacings = Object.values(CONFIRMATIONS).flatMap((rule) =>
      [
        rule.sightings > 1 ? rule.sightingSpacingMs : null,
        rule.clears > 1 ? rule.clearSpacingMs : null,
      ].filter((spacing) => spacing !== null),
    )
    expect(Math.min(...spacings)).toBeGreaterThanOrEqual(CONFIRMING_HOST_AGE_MS)
  })
})
