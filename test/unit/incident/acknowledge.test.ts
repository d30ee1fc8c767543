import { expect, test } from 'vitest'
import { acknowledge, acknowledgementOf } from '../../../src/incident/acknowledge.ts'
import { play, START } from './play.ts'

/** The incident after these looks. */
function after(words: string) {
  const [incident] = play(words).memory.slice(-1)
  if (incident === undefined) throw new Error('nothing is remembered')
  return incident
}

test('an acknowledgement holds while the incident stays as it was told', () => {
  const given = acknowledge(after('bad bad'), 'ada', 'on it', START)
  expect(acknowledgementOf(after('bad bad'), [given])).toEqual(given)
  expect(acknowledgementOf(after('bad bad ?'), [given])).toEqual(given)
  expect(acknowledgementOf(after('bad bad bad bad'), [given])).toEqual(given)
  expect(acknowledgementOf(after('bad bad ok bad'), [given])).toEqual(given)
})

test('it ends when the incident gets worse, ends, or comes back', () => {
  const given = acknowledge(after('bad bad'), 'ada', null, START)
  expect(acknowledgementOf(after('bad bad crit crit'), [given])).toBeNull()
  expect(acknowledgementOf(after('bad bad ok ok'), [given])).toBeNull()
  expect(acknowledgementOf(after('bad bad ok ok bad bad'), [given])).toBeNull()
})

test('it is of one incident', () => {
  const given = { ...acknowledge(after('bad bad'), 'ada', null, START), incident: 'inc_other' as never }
  expect(acknowledgementOf(after('bad bad'), [given])).toBeNull()
})
