/** DNS on the wire for the lab's resolvers: questions read, answers and malformed answers written. */

import packet, { type Answer, type DecodedPacket, type Packet } from 'dns-packet'
import { HOUR_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { SignedSet } from './signatures.ts'
import type { DnsFault, LabRecord } from './world.ts'
import type { ZoneAnswer } from './zone-data.ts'

export interface DnsQuery {
  readonly id: number
  /** As asked, for the echo. */
  readonly question: NonNullable<Packet['questions']>[number]
  /** Lower case, without the root dot. */
  readonly name: string
  readonly wantsAd: boolean
  /** DO: signatures are wanted as well (RFC 4035 §3.2.1). */
  readonly wantsSignatures: boolean
  readonly checkingDisabled: boolean
  /** Null without EDNS. */
  readonly udpPayloadSize: number | null
  readonly recursionDesired: boolean
}

/** What is to be said, before it is bytes. */
export interface DnsReply {
  readonly rcode: 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED'
  readonly records: readonly LabRecord[]
  readonly signatures: readonly Answer[]
  /** The zone whose SOA goes along; null without. */
  readonly soaZone: string | null
  readonly secure: boolean
  readonly truncated: boolean
  /** Of the zone, for a denial; null: one that every zone without servers has. */
  readonly soa: ZoneAnswer['soa']
  /** The AA bit: what the zone's own server says. */
  readonly authoritative: boolean
  /** RFC 8914 INFO-CODE; null without. */
  readonly extendedError: number | null
}

const NEGATIVE_TTL_SECONDS = 60
const EDE_DNSSEC_BOGUS = 6

/** Null when the bytes are no question. */
export function readQuery(bytes: Buffer): DnsQuery | null {
  let message: DecodedPacket
  try {
    message = packet.decode(bytes)
  } catch {
    return null
  }
  const question = message.questions?.[0]
  if (message.type !== 'query' || question === undefined) return null
  const opt = message.additionals?.find((record) => record.type === 'OPT')
  return {
    id: message.id ?? 0,
    question,
    name: question.name.toLowerCase().replace(/\.$/, ''),
    // RFC 6840 §5.7: AD or DO in the question asks for AD in the answer.
    wantsAd: message.flag_ad || (opt?.flag_do ?? false),
    wantsSignatures: opt?.flag_do ?? false,
    checkingDisabled: message.flag_cd,
    udpPayloadSize: opt === undefined ? null : Math.max(512, opt.udpPayloadSize),
    recursionDesired: message.flag_rd,
  }
}

/** The honest answer. */
export function replyFrom(answer: ZoneAnswer, type: string, at: UnixMs): DnsReply {
  const denial = !answer.records.some((record) => record.type === type)
  return {
    rcode: answer.rcode,
    records: answer.records,
    signatures: answer.signed.map((set) => signatureRecord(set, at)),
    soaZone: denial ? answer.zone : null,
    soa: answer.soa,
    authoritative: false,
    secure: answer.secure,
    truncated: false,
    extendedError: null,
  }
}

/** The answer that a fault makes of a question; null for those faults that are not a matter of content. */
export function faultyReply(fault: DnsFault, query: DnsQuery, zone: string): DnsReply | null {
  const empty = {
    records: [],
    signatures: [],
    soaZone: null,
    soa: null,
    authoritative: false,
    secure: false,
    truncated: false,
    extendedError: null,
  }
  if (typeof fault === 'object') return { ...empty, rcode: 'NOERROR', records: fault.instead }
  switch (fault) {
    case 'servfail':
      return { ...empty, rcode: 'SERVFAIL' }
    case 'bogus':
      return query.checkingDisabled ? null : { ...empty, rcode: 'SERVFAIL', extendedError: EDE_DNSSEC_BOGUS }
    case 'refused':
      return { ...empty, rcode: 'REFUSED' }
    case 'formerr':
      return { ...empty, rcode: 'FORMERR' }
    case 'nxdomain':
      return { ...empty, rcode: 'NXDOMAIN', soaZone: zone }
    case 'nodata':
      return { ...empty, rcode: 'NOERROR', soaZone: zone }
    case 'cname-loop':
      return { ...empty, rcode: 'NOERROR', records: aliasLoop(query.name) }
    default:
      return null
  }
}

function aliasLoop(name: string): readonly LabRecord[] {
  const other = `loop.${name}`
  return [
    { type: 'CNAME', name, ttlSeconds: 60, target: other },
    { type: 'CNAME', name: other, ttlSeconds: 60, target: name },
  ]
}

/** The bytes of an answer. `maxBytes` is what the transport carries: a longer one is truncated (RFC 2181 §9). */
export function encodeReply(query: DnsQuery, reply: DnsReply, maxBytes: number): Buffer {
  const whole = encode(query, reply)
  return whole.length <= maxBytes && !reply.truncated
    ? whole
    : encode(query, { ...reply, records: [], signatures: [], soaZone: null, truncated: true })
}

const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

function encode(query: DnsQuery, reply: DnsReply): Buffer {
  const flags =
    (reply.authoritative ? packet.AUTHORITATIVE_ANSWER : packet.RECURSION_AVAILABLE) |
    (query.recursionDesired ? packet.RECURSION_DESIRED : 0) |
    (query.checkingDisabled ? packet.CHECKING_DISABLED : 0) |
    (reply.truncated ? packet.TRUNCATED_RESPONSE : 0) |
    (reply.secure && query.wantsAd && !query.checkingDisabled ? packet.AUTHENTIC_DATA : 0) |
    RCODE[reply.rcode]
  return packet.encode({
    type: 'response',
    id: query.id,
    flags,
    questions: [query.question],
    answers: [...reply.records.map(wireRecord), ...(query.wantsSignatures ? reply.signatures : [])],
    authorities:
      reply.soaZone === null ? [] : [reply.soa === null ? soa(reply.soaZone) : wireRecord(reply.soa)],
    additionals: query.udpPayloadSize === null ? [] : [opt(reply.extendedError)],
  })
}

/** Answers that no resolver should give; null when `fault` is not one of them. */
export function malformedReply(fault: DnsFault, query: DnsQuery, reply: DnsReply): Buffer | null {
  switch (fault) {
    case 'wrong-id':
      return encode({ ...query, id: query.id ^ 0xffff }, reply)
    case 'wrong-question':
      return encode({ ...query, question: { ...query.question, name: `not.${query.name}` } }, reply)
    case 'garbage':
      return Buffer.concat([header(query.id, 1), Buffer.from([0x3f, 0xff, 0x00, 0x80])])
    case 'pointer-loop':
      // A name that is a compression pointer to itself, at offset 12.
      return Buffer.concat([header(query.id, 1), Buffer.from([0xc0, 0x0c, 0, 16, 0, 1])])
    default:
      return null
  }
}

function header(id: number, questions: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(0x8180, 2)
  bytes.writeUInt16BE(questions, 4)
  return bytes
}

function wireRecord(record: LabRecord): Answer {
  const { name, ttlSeconds: ttl } = record
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { name, ttl, type: record.type, data: record.address }
    case 'CNAME':
      return { name, ttl, type: 'CNAME', data: record.target }
    case 'MX':
      return { name, ttl, type: 'MX', data: { preference: record.preference, exchange: record.exchange } }
    case 'NS':
      return { name, ttl, type: 'NS', data: record.target }
    case 'SOA':
      return soa(name, record.serial, record.mname)
    case 'TXT':
      return { name, ttl, type: 'TXT', data: characterStrings(record.text) }
    case 'TLSA': {
      const { usage, selector, matching: matchingType, data } = record
      const certificate = Buffer.from(data, 'hex')
      return { name, ttl, type: 'TLSA', data: { usage, selector, matchingType, certificate } }
    }
  }
}

/** The RRSIG record of a set, as of this instant: its dates are true, its key is not (RFC 4034 §3). */
function signatureRecord({ name, type, ttlSeconds, signer }: SignedSet, at: UnixMs): Answer {
  return {
    name,
    type: 'RRSIG',
    ttl: ttlSeconds,
    data: {
      typeCovered: type,
      algorithm: 13,
      labels: name.split('.').length,
      originalTTL: ttlSeconds,
      expiration: Math.floor((at + signer.hoursLeft * HOUR_MS) / SECOND_MS),
      inception: Math.floor((at - signer.hoursOld * HOUR_MS) / SECOND_MS),
      keyTag: 1,
      signersName: signer.zone,
      signature: Buffer.alloc(64),
    },
  } as Answer
}

/** RFC 1035 §3.3: a character-string holds at most 255 octets. */
function characterStrings(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const count = Math.max(1, Math.ceil(bytes.length / 255))
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * 255, index * 255 + 255))
}

function soa(zone: string, serial = 1, mname = `ns1.${zone}`): Answer {
  const data = {
    mname,
    rname: `hostmaster.${zone}`,
    serial,
    refresh: 3600,
    retry: 600,
    expire: 604_800,
    minimum: NEGATIVE_TTL_SECONDS,
  }
  return { name: zone, ttl: NEGATIVE_TTL_SECONDS, type: 'SOA', data }
}

function opt(extendedError: number | null): Answer {
  const options = extendedError === null ? [] : [{ code: 15, data: Buffer.from([0, extendedError]) }]
  const record = { name: '.', type: 'OPT', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0 }
  // The published type knows neither EDE's option code nor that flag_do is only read, never written.
  return { ...record, flag_do: false, options } as unknown as Answer
}
