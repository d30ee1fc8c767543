import { isIpv6, parseIpAddress } from '../ip-address.ts'

/** Names that stand for other names, the same for the same throughout one report, with their relations kept. */
export interface Pseudonyms {
  /** Of a domain or host name, wildcard or not, in any case; labels that mean a service stay. */
  name(name: string): string
  /** A documentation address of the same family (RFC 5737, RFC 3849). */
  address(address: string): string
  /** `word-1`, `word-2` … */
  word(kind: string, original: string): string
  /** Hexadecimal digits, as many. */
  hex(digits: string): string
}

/** Labels that many share and that tell nobody's name. */
const SERVICE_LABEL =
  /^(?:\*|_[a-z0-9_-]+|(?:mx|mail|smtp|relay|in|inbound|mta|mta-sts|www|tls|tlsrpt)-?\d{0,3})$/
/** Two of them make a name that somebody registered; what stands before tells how it is built. */
const REGISTERED_LABELS = 2

export function pseudonyms(): Pseudonyms {
  const numbers = new Map<string, Map<string, number>>()
  const numberOf = (kind: string, original: string): number => {
    const known = numbers.get(kind) ?? new Map<string, number>()
    numbers.set(kind, known)
    const number = known.get(original) ?? known.size + 1
    known.set(original, number)
    return number
  }
  const label = (original: string): string =>
    SERVICE_LABEL.test(original) ? original : foreign(original, `host${numberOf('label', original)}`)
  const name = (original: string): string => {
    const labels = original.toLowerCase().split('.')
    const registered = labels.slice(-REGISTERED_LABELS).join('.')
    const rest = labels.slice(0, -REGISTERED_LABELS).map(label)
    if (labels.length < REGISTERED_LABELS) return inCaseOf(original, label(original.toLowerCase()))
    // RFC 2606 §2: example. is nobody's.
    const domain = `${foreign(registered, `domain${numberOf('domain', registered)}`)}.example`
    return inCaseOf(original, [...rest, domain].join('.'))
  }
  return {
    name,
    address: (original) => addressOf(original, (kind) => numberOf(kind, original)),
    word: (kind, original) => `${kind}-${numberOf(kind, original)}`,
    hex: (digits) => hexOf(digits.length, numberOf('hex', digits.toLowerCase())),
  }
}

/** A name with letters beyond ASCII stays one, for readers that stumble over them. */
function foreign(original: string, pseudonym: string): string {
  return /^[\x00-\x7f]*$/.test(original) ? pseudonym : pseudonym.replace('o', 'ö')
}

function inCaseOf(original: string, pseudonym: string): string {
  return original === original.toLowerCase() ? pseudonym : pseudonym.toUpperCase()
}

const V4_BLOCKS = ['192.0.2', '198.51.100', '203.0.113'] as const

function addressOf(original: string, number: (kind: string) => number): string {
  const address = parseIpAddress(original)
  if (address === null || isIpv6(address)) return `2001:db8::${number('ipv6').toString(16)}`
  const count = number('ipv4') - 1
  const block = V4_BLOCKS[Math.floor(count / 254) % V4_BLOCKS.length]
  return `${block}.${(count % 254) + 1}`
}

function hexOf(length: number, number: number): string {
  return number.toString(16).padStart(length, '0').slice(-length)
}
