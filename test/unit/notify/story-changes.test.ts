import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { Change, Settling } from '../../../src/model/change.ts'
import { changesStory } from '../../../src/notify/story-changes.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { EXAMPLE, NOW } from '../check/snapshot-builder.ts'

const CHANGE = {
  domain: EXAMPLE,
  at: NOW,
  part: 'mx',
  subject: null,
  summary: 'MX gained 20 mx2.example.com.',
  removed: [],
  added: ['20 mx2.example.com.'],
  notable: true,
} as const

function told(settles: Settling | null): string | undefined {
  const changes: readonly Change[] = [{ ...CHANGE, settles }]
  const wording = { instant: (at: number) => new Date(at).toISOString() }
  return changesStory({ kind: 'changes', domain: EXAMPLE, changes }, wording).changes[0]?.summary
}

const UNTIL = 'Resolvers may still give the old answer until 2026-11-23T15:05:00.000Z'

describe('a change of the DNS', () => {
  it('says until when resolvers may give the old answer', () => {
    expect(told({ at: NOW + HOUR_MS, waitingFor: [] })).toBe(`${CHANGE.summary} ${UNTIL}`)
  })

  it('names the servers that have not taken it', () => {
    const waitingFor = ['ns2.example.com' as DomainName, 'ns3.example.com' as DomainName]
    expect(told({ at: NOW + HOUR_MS, waitingFor })).toBe(
      `${CHANGE.summary} ${UNTIL}, and as long again after the last of these servers has the new one: ns2.example.com, ns3.example.com`,
    )
  })

  it('says nothing where nobody knows', () => {
    expect(told(null)).toBe(CHANGE.summary)
  })

  it('that an earlier version kept is told as it was', () => {
    const kept = CHANGE as unknown as Change
    const wording = { instant: () => 'never' }
    expect(changesStory({ kind: 'changes', domain: EXAMPLE, changes: [kept] }, wording).changes).toEqual([
      { summary: CHANGE.summary, lines: ['+ 20 mx2.example.com.'] },
    ])
  })
})
