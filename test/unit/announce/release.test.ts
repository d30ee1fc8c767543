import { expect, test } from 'vitest'
import { releaseOf } from '../../../src/announce/release.ts'
import type { Phase } from '../../../src/model/incident.ts'
import { incident, T0 } from '../notify/message-builder.ts'

const OPEN: Phase = { name: 'open', openedAt: T0, rising: null }
const RECOVERING: Phase = { name: 'recovering', openedAt: T0, clears: 1, lastClearAt: T0 }
const RESOLVED: Phase = { name: 'resolved', openedAt: T0, resolvedAt: T0 }
const AGAIN: Phase = {
  name: 'suspected',
  sightings: 1,
  firstSightingAt: T0,
  lastSightingAt: T0,
  before: { openedAt: T0, resolvedAt: T0 },
}
const DISMISSED: Phase = { name: 'dismissed', dismissedAt: T0 }

test.each([
  [OPEN, false, true, 'keep'],
  [OPEN, false, false, 'tell'],
  [OPEN, true, false, 'tell'],
  [RECOVERING, false, true, 'keep'],
  [RECOVERING, false, false, 'tell'],
  [RESOLVED, false, true, 'keep'],
  [RESOLVED, true, true, 'keep'],
  [RESOLVED, false, false, 'drop'],
  [RESOLVED, true, false, 'tell'],
  [AGAIN, false, false, 'keep'],
  [DISMISSED, false, true, 'drop'],
  [DISMISSED, true, false, 'drop'],
] as const)('%o, told before: %s, quiet: %s: %s', (phase, wasTold, isQuiet, verdict) => {
  expect(releaseOf(incident({ phase }), wasTold, isQuiet)).toBe(verdict)
})
