import { expect, it } from 'vitest'
import { advance } from '../../../src/incident/advance.ts'
import { nextLookAt } from '../../../src/incident/next-look.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { countingTools, finding, remember, START } from './play.ts'

const CODE = 'mta-sts.policy.changed-without-id'
const minutes = (count: number) => START + count * MINUTE_MS

/** Looks at these minutes that all see the edited policy; what caches may feign ends 40 minutes after the look. */
function seenAt(...looks: readonly number[]) {
  const tools = countingTools()
  let memory: readonly Incident[] = []
  const diary = looks.map((minute) => {
    const at = minutes(minute)
    const found = finding(CODE, at, { evidence: { recordSettlesAt: at + 40 * MINUTE_MS } })
    const steps = advance(memory, { findings: [found], undecided: [], observedAt: at }, at, tools)
    memory = remember(memory, steps)
    return steps.map(({ reason }) => reason).join()
  })
  return { diary, memory }
}

it('what a cache may feign opens when the answer of the first sighting has run out everywhere, and no later', () => {
  expect(seenAt(0, 15, 30, 39, 45).diary).toEqual([...Array(4).fill('suspected'), 'opened'])
})

it('it is looked at again at that instant', () => {
  expect(nextLookAt(seenAt(0, 15).memory, minutes(15))).toBe(minutes(40))
})
