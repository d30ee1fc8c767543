import { describe, expect, it, test } from 'vitest'
import { diff } from '../../../src/check/diff.ts'
import { keptSeconds, settlesAt } from '../../../src/check/propagation.ts'
import { HOUR_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { Settling } from '../../../src/model/change.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { absent, answer, EXAMPLE, healthy, MX1, MX2, mxHost, NOW } from './snapshot-builder.ts'
import { odd, type ServerSays, server, TLSA_NAME, zone } from './zone-builder.ts'

const STS = `_mta-sts.${EXAMPLE} TXT`
const NEW = ['v=STSv1; id=new']
const LATER = NOW + HOUR_MS

describe('how long caches keep an answer', () => {
  it.each([
    ['records: their TTL', { kind: 'records', ttlSeconds: 3_600 }, 3_600],
    [
      'a denial: MINIMUM when it is smaller (RFC 2308 §5)',
      { kind: 'absent', soa: { minimumSeconds: 300, ttlSeconds: 900 } },
      300,
    ],
    [
      'a denial: the TTL of the SOA record when that is smaller',
      { kind: 'absent', soa: { minimumSeconds: 900, ttlSeconds: 300 } },
      300,
    ],
  ] as const)('%s', (_what, former, seconds) => {
    expect(keptSeconds(former)).toBe(seconds)
    expect(settlesAt(former, NOW)).toBe(NOW + seconds * SECOND_MS)
  })
})

/** How the change of the MTA-STS record settles. */
function settlingOf(before: Snapshot, after: Snapshot): Settling | null | undefined {
  return diff(before, after).find(({ part }) => part === 'sts-record')?.settles
}

function says(name: string, address: string, records: Partial<ServerSays>['records'] = {}) {
  return server(name, [address], { records })
}

const EVERYWHERE = odd({})
const CHANGED = zone(
  [says('ns1', '192.0.2.53', { [STS]: NEW }), says('ns2', '198.51.100.53', { [STS]: NEW })],
  { takenAt: LATER },
)

describe('a change of a record', () => {
  const before = healthy({ zones: [EVERYWHERE] })
  const after = healthy({ takenAt: LATER, stsRecord: answer(NEW), zones: [CHANGED] })

  test('settles when the old TTL of the servers has run off, not what was left of it at a resolver', () => {
    expect(settlingOf(before, after)).toEqual({ at: LATER + 3_600 * SECOND_MS, waitingFor: [] })
  })

  test('without a look at the servers the TTL of the resolvers must do', () => {
    expect(settlingOf(healthy(), { ...after, zones: [] })).toEqual({
      at: LATER + 300 * SECOND_MS,
      waitingFor: [],
    })
  })

  test('names the servers that still gave the old answer', () => {
    const halfway = zone([says('ns1', '192.0.2.53', { [STS]: NEW }), says('ns2', '198.51.100.53')], {
      takenAt: LATER,
    })
    expect(settlingOf(before, { ...after, zones: [halfway] })).toMatchObject({
      waitingFor: ['ns2.example.com'],
    })
  })

  test('and none by a look that is older than the change', () => {
    expect(settlingOf(before, { ...after, zones: [EVERYWHERE] })).toMatchObject({ waitingFor: [] })
  })
})

describe('a record that was not there', () => {
  const nothing = odd({ records: { [STS]: [] } })
  const after = healthy({ takenAt: LATER, stsRecord: answer(NEW), zones: [CHANGED] })

  test('settles when its denial has run off', () => {
    const before = healthy({ stsRecord: absent(), zones: [nothing] })
    expect(settlingOf(before, after)).toMatchObject({ at: LATER + 300 * SECOND_MS })
  })

  test('the SOA record of the later look will do as well', () => {
    expect(settlingOf(healthy({ stsRecord: absent() }), after)).toMatchObject({ at: LATER + 300 * SECOND_MS })
  })

  test('without any SOA record nobody knows', () => {
    expect(settlingOf(healthy({ stsRecord: absent() }), { ...after, zones: [] })).toBeNull()
  })
})

test('MX and TLSA settle alike; what is no record does not', () => {
  const tlsa = (records: readonly string[]) => [
    mxHost(MX1, ['192.0.2.25'], { tlsa: answer(records) }),
    mxHost(MX2, ['198.51.100.25']),
  ]
  const before = healthy({ zones: [EVERYWHERE], hosts: tlsa(['3 1 1 aa']) })
  const later = healthy({
    takenAt: LATER,
    hosts: tlsa(['3 1 1 bb']),
    mx: answer([{ preference: 5, exchange: MX1 }]),
  })
  const settled = diff(before, later).map(({ part, settles }) => [part, settles?.at ?? null])
  expect(TLSA_NAME).toBe(`_25._tcp.${MX1}`)
  expect(settled).toEqual([
    ['mx', LATER + 3_600 * SECOND_MS],
    ['tlsa', LATER + 3_600 * SECOND_MS],
  ])
})
