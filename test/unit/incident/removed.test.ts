import { expect, it } from 'vitest'
import { closeUnwatched } from '../../../src/incident/removed.ts'
import { play, START } from './play.ts'

const open = play('bad bad').memory
const own = play('bad', { code: 'monitor.config.broken' }).memory

it('closes the incidents of a domain that is no longer watched without a word', () => {
  const steps = closeUnwatched(open, () => false, START)
  expect(steps).toMatchObject([
    { reason: 'dismissed', incident: { phase: { name: 'dismissed', dismissedAt: START }, transitions: 1 } },
  ])
})

it('leaves those of watched domains and of the monitor itself alone', () => {
  expect(closeUnwatched(open, () => true, START)).toEqual([])
  expect(closeUnwatched(own, () => false, START)).toEqual([])
})
