import { describe, expect, test } from 'vitest'
import type { DnsRecord, DnsSignature } from '../../../src/probe/dns-message.ts'
import { earlier, lifeOf, newestOf } from '../../../src/probe/signature-life.ts'

const A: DnsRecord = { owner: 'a.test', ttlSeconds: 60, type: 'A', address: '192.0.2.1' }
const CNAME: DnsRecord = { owner: 'b.test', ttlSeconds: 60, type: 'CNAME', target: 'a.test' }

function life(endAt: number) {
  return { zone: 'test', beganAt: 0, endAt }
}

function signature(owner: string, covers: string, endAt: number): DnsSignature {
  return { owner, covers, life: life(endAt) }
}

describe('the life of signatures', () => {
  test.each<[string, readonly DnsRecord[], readonly DnsSignature[], number | null]>([
    ['none shown', [A], [], null],
    ['one', [A], [signature('a.test', 'A', 5)], 5],
    [
      'of two over one set that which ends last',
      [A],
      [signature('a.test', 'A', 5), signature('a.test', 'A', 9)],
      9,
    ],
    [
      'of two sets that which ends first',
      [A, CNAME],
      [signature('a.test', 'A', 5), signature('b.test', 'CNAME', 3)],
      3,
    ],
    ['over another type', [A], [signature('a.test', 'TXT', 1)], null],
    ['over another name', [A], [signature('c.test', 'A', 1)], null],
  ])('%s', (_, records, signatures, endAt) => {
    expect(lifeOf(records, signatures)?.endAt ?? null).toBe(endAt)
  })

  test('of two answers the one that ends first, of two resolvers the one that was signed last', () => {
    expect([earlier(null, null), earlier(life(2), null), earlier(life(2), life(1))]).toEqual([
      null,
      life(2),
      life(1),
    ])
    expect([newestOf([]), newestOf([null, life(1), life(2)])]).toEqual([null, life(2)])
  })
})
