/** One way in which the far side of a report can be, and what an attempt leaves in the store. */

import { expect } from 'vitest'
import type { World } from '../../../../src/lab/world.ts'
import type { Script } from '../../mail/scripted-server.ts'
import type { DeskOptions, Left, ReportDesk } from './report-desk.ts'

export const SENT = { state: 'sent', waitMinutes: null } as const
export const AGAIN = { state: 'waiting', waitMinutes: 10 } as const
export const REFUSED = { state: 'given-up', waitMinutes: null } as const

/** What is asked for, how the far side is, what is left in the store, and which addresses were connected to. */
export interface Case {
  readonly what: string
  readonly first?: Partial<Script>
  readonly second?: Partial<Script>
  readonly isDead?: true
  readonly world?: (world: World) => World
  readonly options?: DeskOptions
  readonly left: Pick<Left, 'state' | 'waitMinutes'>
  readonly note: string | RegExp
  readonly routed?: readonly string[]
}

/** Makes the report of a day, and one attempt. */
export async function expectLeft(desk: ReportDesk, { left, note, routed }: Case): Promise<void> {
  expect(await desk.dayOver()).toBe(1)
  const done = await desk.attempt()
  expect(done).toMatchObject({ ...left, attempts: 1 })
  expect(done?.note).toEqual(typeof note === 'string' ? note : expect.stringMatching(note))
  expect(done?.dueHours).toBeLessThan(4)
  if (routed !== undefined) expect(desk.routed).toEqual(routed)
}
