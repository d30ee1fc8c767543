import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type DaneCertificate, matchDane, pins, tlsaData } from '../../src/protocol/dane/match.ts'
import {
  agileRecords,
  formatTlsa,
  isUsable,
  parseTlsa,
  type TlsaRecord,
} from '../../src/protocol/dane/tlsa.ts'

const octet = fc.integer({ min: 0, max: 255 })
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((data) => Buffer.from(data).toString('hex'))
const record: fc.Arbitrary<TlsaRecord> = fc.record({
  usage: fc.oneof(fc.constantFrom(2, 3), octet),
  selector: fc.oneof(fc.constantFrom(0, 1), octet),
  matching: fc.oneof(fc.constantFrom(0, 1, 2), octet),
  data: fc.oneof(hex(32), hex(64), fc.integer({ min: 0, max: 80 }).chain(hex)),
})
const certificate: fc.Arbitrary<DaneCertificate> = fc.record({
  subject: fc.string(),
  dnsNames: fc.array(fc.constantFrom('mx.example.com', '*.example.com', 'other.example', ''), {
    maxLength: 2,
  }),
  notBeforeAt: fc.constantFrom(0, 20),
  notAfterAt: fc.constantFrom(5, 30),
  sha256: hex(32),
  sha512: hex(64),
  spkiSha256: hex(32),
  spkiSha512: hex(64),
})
const chain = fc.record({
  chain: fc.array(certificate, { maxLength: 3 }),
  linked: fc.option(fc.integer({ min: 0, max: 3 })),
})
const CONTEXT = { names: ['mx.example.com'], now: 10 }

it('a TLSA record that is written and read is the same', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(parseTlsa(formatTlsa(one))).toEqual(one)
    }),
  )
})

it('blanks inside the hex and its case make no difference', () => {
  fc.assert(
    fc.property(record, fc.nat({ max: 130 }), (one, at) => {
      const data = `${one.data.slice(0, at)} ${one.data.slice(at)}`.toUpperCase()
      expect(parseTlsa(formatTlsa({ ...one, data }))).toEqual(one)
    }),
  )
})

it('no text breaks the reader, and what it reads it can write', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const read = parseTlsa(text)
      if (read !== null) expect(parseTlsa(formatTlsa(read))).toEqual(read)
    }),
  )
})

it('digest agility keeps usable records only, and some of them when there are any', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const kept = agileRecords(records)
      const usable = records.filter(isUsable)
      expect(kept.every((one) => usable.includes(one))).toBe(true)
      expect(kept.length > 0).toBe(usable.length > 0)
    }),
  )
})

it('a record of usage 3 for the key that is shown authenticates whatever else is shown, unless a longer digest stands beside it', () => {
  fc.assert(
    fc.property(certificate, chain, fc.array(record, { maxLength: 4 }), (leaf, rest, others) => {
      const own = { usage: 3, selector: 1, matching: 2, data: tlsaData(leaf, 1, 2) ?? '' }
      expect(pins(own, leaf)).toBe(true)
      const presented = { chain: [leaf, ...rest.chain], linked: rest.linked }
      expect(matchDane([...others, own], presented, CONTEXT).outcome).toBe('authenticated')
    }),
  )
})

it('the order of the records does not matter, and no set of them is refused by the matcher', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), chain, (records, presented) => {
      const one = matchDane(records, presented, CONTEXT)
      const other = matchDane(records.toReversed(), presented, CONTEXT)
      const told = (result: typeof one) => (result.outcome === 'failed' ? result.why : result.outcome)
      expect(told(other)).toBe(told(one))
      expect(one.outcome === 'unusable').toBe(!records.some(isUsable))
    }),
  )
})
