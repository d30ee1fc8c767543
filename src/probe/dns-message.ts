import packet, { type Answer, type DecodedPacket, type OptAnswer, type SoaData } from 'dns-packet'
import { SECOND_MS } from '../lib/time.ts'
import type { SignatureLife, SoaRecord } from '../model/dns.ts'
import type { DnsLimits } from './limits.ts'

export type DnsType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'TLSA' | 'NS' | 'SOA'

export interface DnsQuestion {
  readonly name: string
  readonly type: DnsType
  /** CD: hand me the data although it does not validate (RFC 4035 §3.2.2). */
  readonly checkingDisabled: boolean
  /** RD: false for a server that is asked for what it has itself (RFC 1035 §4.1.1). */
  readonly recursionDesired: boolean
}

/** The record types that answers to our questions are made of; all others are dropped. */
export type DnsRecord = { readonly owner: string; readonly ttlSeconds: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  /** Character-strings joined without a gap, bytes as latin1. */
  | { readonly type: 'TXT'; readonly text: string }
  | { readonly type: 'TLSA'; readonly rdata: string }
  | { readonly type: 'NS'; readonly target: string }
  | { readonly type: 'SOA'; readonly soa: SoaRecord }
)

/** A signature over the records of one name and type (RFC 4034 §3.1). */
export interface DnsSignature {
  readonly owner: string
  readonly covers: string
  readonly life: SignatureLife
}

export interface DnsReply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, … */
  readonly rcode: string
  /** The AD bit, whether or not this server's word is worth anything. */
  readonly authenticated: boolean
  /** The AA bit: the server has the zone itself. */
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly records: readonly DnsRecord[]
  readonly signatures: readonly DnsSignature[]
  /** The authority section holds a SOA record: the denial is complete (RFC 2308 §2.2). */
  readonly hasSoa: boolean
  /** That record; null without. */
  readonly denialSoa: Extract<DnsRecord, { readonly type: 'SOA' }> | null
  /** A referral to other servers instead of an answer: this server does not recurse. */
  readonly isReferral: boolean
  /** Extended DNS errors (RFC 8914). */
  readonly extendedErrors: readonly { readonly code: number; readonly text: string }[]
}

export type ReadReply =
  | { readonly outcome: 'reply'; readonly reply: DnsReply }
  /** Ours by its id, and unusable. */
  | { readonly outcome: 'fault'; readonly why: string }
  | { readonly outcome: 'unreadable' }
  | { readonly outcome: 'foreign' }

/** The message to send: RD and AD set, EDNS with DO and 1232 bytes (RFC 6840 §5.7, RFC 9715 §3). */
export function encodeQuestion(id: number, question: DnsQuestion): Buffer {
  const cd = question.checkingDisabled ? packet.CHECKING_DISABLED : 0
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: packet.DNSSEC_OK, options: [] }
  return packet.encode({
    type: 'query',
    id,
    flags: (question.recursionDesired ? packet.RECURSION_DESIRED : 0) | packet.AUTHENTIC_DATA | cd,
    questions: [{ name: question.name, type: question.type, class: 'IN' }],
    additionals: [opt as unknown as OptAnswer],
  })
}

/** Decodes what a server sent; only a response with our id and our question is a reply. Never throws. */
export function readReply(bytes: Buffer, id: number, question: DnsQuestion, limits: DnsLimits): ReadReply {
  if (bytes.length < 12) return { outcome: 'unreadable' }
  const ours = bytes.readUInt16BE(0) === id
  // What a truncated answer holds does not matter, and it may end inside a record.
  if (ours && isTruncatedResponse(bytes)) return { outcome: 'reply', reply: TRUNCATED }
  // The counts are claims: an entry takes at least five bytes, so larger counts are lies not worth allocating for.
  const claimed = [4, 6, 8, 10].reduce((sum, at) => sum + bytes.readUInt16BE(at), 0)
  if (claimed * 5 > bytes.length) return unreadable(ours)
  let decoded: DecodedPacket
  try {
    decoded = packet.decode(bytes)
  } catch {
    return unreadable(ours)
  }
  if (!ours || !decoded.flag_qr || !answersQuestion(decoded, question)) return { outcome: 'foreign' }
  return toReply(decoded, limits)
}

const TRUNCATED: DnsReply = {
  rcode: 'NOERROR',
  authenticated: false,
  authoritative: false,
  truncated: true,
  records: [],
  signatures: [],
  hasSoa: false,
  denialSoa: null,
  isReferral: false,
  extendedErrors: [],
}

function unreadable(ours: boolean): ReadReply {
  return ours ? { outcome: 'fault', why: 'the answer cannot be decoded' } : { outcome: 'unreadable' }
}

function isTruncatedResponse(bytes: Buffer): boolean {
  const flags = bytes.readUInt16BE(2)
  return (flags & 0x8000) !== 0 && (flags & packet.TRUNCATED_RESPONSE) !== 0
}

function answersQuestion(decoded: DecodedPacket, question: DnsQuestion): boolean {
  const asked = decoded.questions?.[0]
  // A server may leave the question out of an error reply to EDNS (RFC 6891 §7).
  if (asked === undefined) return rcodeOf(decoded) !== 'NOERROR'
  return asked.type === question.type && sameName(asked.name, question.name)
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function toReply(decoded: DecodedPacket, limits: DnsLimits): ReadReply {
  const records = (decoded.answers ?? []).flatMap(toRecord)
  if (records.length > limits.records) {
    return { outcome: 'fault', why: `${records.length} records, more than the limit of ${limits.records}` }
  }
  const textBytes = records.reduce((sum, record) => sum + (record.type === 'TXT' ? record.text.length : 0), 0)
  if (textBytes > limits.textBytes) {
    return { outcome: 'fault', why: `${textBytes} bytes of text, more than the limit of ${limits.textBytes}` }
  }
  const authority = new Set(decoded.authorities?.map((record) => record.type))
  const empty = (decoded.answers ?? []).length === 0
  return {
    outcome: 'reply',
    reply: {
      rcode: rcodeOf(decoded),
      authenticated: decoded.flag_ad,
      authoritative: decoded.flag_aa,
      truncated: false,
      records,
      signatures: (decoded.answers ?? []).flatMap(toSignature),
      hasSoa: authority.has('SOA'),
      denialSoa:
        (decoded.authorities ?? []).flatMap(toRecord).find((record) => record.type === 'SOA') ?? null,
      isReferral:
        empty && authority.has('NS') && !authority.has('SOA') && !decoded.flag_ra && !decoded.flag_aa,
      extendedErrors: extendedErrorsOf(decoded),
    },
  }
}

function rcodeOf(decoded: DecodedPacket): string {
  // RFC 6891 §6.1.3: the OPT record carries the upper bits of the RCODE.
  const upper = optOf(decoded)?.extendedRcode ?? 0
  return upper === 0 ? (decoded as DecodedPacket & { readonly rcode: string }).rcode : `EXTENDED-${upper}`
}

function optOf(decoded: DecodedPacket): OptAnswer | undefined {
  return decoded.additionals?.find((record) => record.type === 'OPT')
}

function toRecord(answer: Answer): readonly DnsRecord[] {
  const owner = answer.name.toLowerCase()
  const ttlSeconds = 'ttl' in answer ? (answer.ttl ?? 0) : 0
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return [{ owner, ttlSeconds, type: answer.type, address: answer.data }]
    case 'CNAME':
      return [{ owner, ttlSeconds, type: 'CNAME', target: answer.data.toLowerCase() }]
    case 'MX': {
      const { preference = 0, exchange } = answer.data
      return [{ owner, ttlSeconds, type: 'MX', preference, exchange: exchange.toLowerCase() }]
    }
    case 'TXT':
      return [{ owner, ttlSeconds, type: 'TXT', text: joined(answer.data) }]
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = answer.data
      const rdata = `${usage} ${selector} ${matchingType} ${certificate.toString('hex')}`
      return [{ owner, ttlSeconds, type: 'TLSA', rdata }]
    }
    case 'NS':
      return [{ owner, ttlSeconds, type: 'NS', target: answer.data.toLowerCase() }]
    case 'SOA':
      return [{ owner, ttlSeconds, type: 'SOA', soa: soaOf(answer.data, ttlSeconds) }]
    default:
      return []
  }
}

function soaOf(data: SoaData, ttlSeconds: number): SoaRecord {
  const { mname, serial = 0, refresh = 0, retry = 0, minimum = 0 } = data
  return {
    serial,
    mname: mname.toLowerCase(),
    refreshSeconds: refresh,
    retrySeconds: retry,
    minimumSeconds: minimum,
    ttlSeconds,
  }
}

function toSignature(answer: Answer): readonly DnsSignature[] {
  if (answer.type !== 'RRSIG') return []
  const { typeCovered, signersName, inception, expiration } = answer.data
  const life = {
    zone: signersName.toLowerCase(),
    beganAt: (inception ?? 0) * SECOND_MS,
    endAt: (expiration ?? 0) * SECOND_MS,
  }
  return [{ owner: answer.name.toLowerCase(), covers: typeCovered, life }]
}

// RFC 8461 §3.1: the strings of one record are concatenated without spaces.
function joined(data: unknown): string {
  const strings = Array.isArray(data) ? data : [data]
  return Buffer.concat(
    strings.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part)))),
  ).toString('latin1')
}

const EXTENDED_ERROR = 15

function extendedErrorsOf(decoded: DecodedPacket): DnsReply['extendedErrors'] {
  return (optOf(decoded)?.options ?? []).flatMap((option) => {
    const { code, data } = option as { readonly code: number; readonly data?: unknown }
    if (code !== EXTENDED_ERROR || !Buffer.isBuffer(data) || data.length < 2) return []
    return [{ code: data.readUInt16BE(0), text: data.subarray(2).toString('utf8') }]
  })
}
