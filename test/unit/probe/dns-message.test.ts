import packet, { type Answer } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DnsQuestion, encodeQuestion, readReply } from '../../../src/probe/dns-message.ts'
import { DEFAULT_LIMITS } from '../../../src/probe/limits.ts'

const LIMITS = DEFAULT_LIMITS.dns
const QUESTION: DnsQuestion = {
  name: 'Example.test',
  type: 'TXT',
  checkingDisabled: false,
  recursionDesired: true,
}
const ID = 0x1234

function reply(answers: readonly Answer[], parts: Partial<packet.Packet> = {}): Buffer {
  const questions = [{ name: 'example.TEST', type: 'TXT', class: 'IN' }] as const
  return packet.encode({
    type: 'response',
    id: ID,
    questions: [...questions],
    answers: [...answers],
    ...parts,
  })
}

function txt(data: Buffer | Buffer[]): Answer {
  return { type: 'TXT', name: 'EXAMPLE.test', ttl: 60, data }
}

function read(bytes: Buffer) {
  return readReply(bytes, ID, QUESTION, LIMITS)
}

describe('a question', () => {
  test('asks for recursion and validation, and takes 1232 bytes', () => {
    const decoded = packet.decode(encodeQuestion(ID, { ...QUESTION, checkingDisabled: true }))
    expect(decoded).toMatchObject({ id: ID, flag_rd: true, flag_ad: true, flag_cd: true })
    expect(decoded.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232, flag_do: true }])
  })
})

describe('a reply', () => {
  test('keeps all 256 byte values of a text', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const read256 = read(reply([txt([bytes.subarray(0, 128), bytes.subarray(128)])]))
    expect(read256).toMatchObject({
      reply: { records: [{ owner: 'example.test', text: bytes.toString('latin1') }] },
    })
  })

  test.each([
    [LIMITS.records - 1, 'reply'],
    [LIMITS.records, 'reply'],
    [LIMITS.records + 1, 'fault'],
  ])('of %d records is a %s', (count, outcome) => {
    expect(read(reply(Array.from({ length: count }, () => txt(Buffer.from('x'))))).outcome).toBe(outcome)
  })

  test.each([
    [LIMITS.textBytes - 1, 'reply'],
    [LIMITS.textBytes, 'reply'],
    [LIMITS.textBytes + 1, 'fault'],
  ])('with %d bytes of text is a %s', (bytes, outcome) => {
    const strings = Array.from({ length: Math.floor(bytes / 128) }, () => Buffer.alloc(128, 'x'))
    const rest = Buffer.alloc(bytes % 128, 'y')
    expect(read(reply([txt(strings), txt(rest)])).outcome).toBe(outcome)
  })

  test.each([
    ['another id', reply([], { id: ID + 1 }), 'foreign'],
    ['another name', reply([], { questions: [{ name: 'other.test', type: 'TXT' }] }), 'foreign'],
    ['another type', reply([], { questions: [{ name: 'example.test', type: 'MX' }] }), 'foreign'],
    ['no question', reply([], { questions: [] }), 'foreign'],
    ['a query', reply([], { type: 'query' }), 'foreign'],
    ['a few bytes', Buffer.from('hello'), 'unreadable'],
    ['counts that cannot be', Buffer.from('12348180ffffffffffffffff', 'hex'), 'fault'],
    ['counts that cannot be, with another id', Buffer.from('99998180ffffffffffffffff', 'hex'), 'unreadable'],
  ])('%s is %s', (_what, bytes, outcome) => {
    expect(read(bytes).outcome).toBe(outcome)
  })

  test('with extended bits in its RCODE is no NOERROR (RFC 6891 §6.1.3)', () => {
    const opt = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 512,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
      options: [],
    }
    const bytes = reply([], { additionals: [opt as unknown as Answer] })
    expect(read(bytes)).toMatchObject({ reply: { rcode: 'EXTENDED-1' } })
  })

  test('of any bytes at all never throws', () => {
    const good = reply([txt(Buffer.from('v=STSv1; id=1;')), txt(Buffer.from('other'))])
    const mutations = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 })
    fc.assert(
      fc.property(mutations, fc.nat(good.length), (changes, length) => {
        const bytes = Buffer.from(good)
        for (const [at, value] of changes) bytes[at] = value
        expect(read(bytes.subarray(0, length)).outcome).toBeTypeOf('string')
      }),
      { numRuns: 3_000 },
    )
  })
})
