import { BlockList, isIPv6 } from 'node:net'
import { type IpAddress, isIpv6 } from './ip-address.ts'

// IANA special-purpose registries; what is not global unicast is refused.
const REFUSED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Only 2000::/3 is global unicast: loopback, IPv4-compatible, local, multicast and reserved space lie outside.
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001:2::/48',
  '2001:10::/28',
  '2001:20::/28',
  '2001:db8::/32',
  '3fff::/20',
] as const

const TRANSLATED = addressBlocks(['64:ff9b::/96', '::ffff:0:0:0/96'])
const SIX_TO_FOUR = addressBlocks(['2002::/16'])
const TEREDO = addressBlocks(['2001::/32'])

const REFUSED_BLOCKS = addressBlocks(REFUSED)

/** Is this an address of the public Internet (IANA special-purpose registries), and whatever it embeds as well? */
export function isPublicAddress(address: IpAddress): boolean {
  const inner = embeddedAddresses(address)
  return inner === null ? !isListed(REFUSED_BLOCKS, address) : inner.every(isPublicAddress)
}

/** The IPv4 addresses that a packet to this IPv6 address would reach; null when it is no transition address. */
function embeddedAddresses(address: IpAddress): readonly IpAddress[] | null {
  if (!isIpv6(address)) return null
  const words = wordsOf(address)
  const ipv4 = (at: number, mask = 0) =>
    [words[at] ?? 0, words[at + 1] ?? 0]
      .map((word) => word ^ mask)
      .flatMap((word) => [word >> 8, word & 255])
      .join('.') as IpAddress
  if (isListed(TRANSLATED, address)) return [ipv4(6)]
  if (isListed(SIX_TO_FOUR, address)) return [ipv4(1)]
  // RFC 4380 §4: the server, and the client with all bits inverted.
  if (isListed(TEREDO, address)) return [ipv4(2), ipv4(6, 0xffff)]
  return null
}

/** The eight 16-bit words of a canonical IPv6 address. */
function wordsOf(address: IpAddress): readonly number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(':'),
  )
  const [head = '', tail] = hex.split('::')
  const words = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16))
  const front = words(head)
  const back = words(tail ?? '')
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back]
}

/** One list per family: a BlockList takes an IPv4 address for its mapped form, which lies inside `::/3`. */
export interface AddressBlocks {
  readonly ipv4: BlockList
  readonly ipv6: BlockList
}

function familyOf(text: string): keyof AddressBlocks {
  return isIPv6(text) ? 'ipv6' : 'ipv4'
}

export function isListed(blocks: AddressBlocks, address: IpAddress): boolean {
  const family = familyOf(address)
  return blocks[family].check(address, family)
}

/** CIDR blocks or single addresses. Throws on a malformed one. */
export function addressBlocks(texts: readonly string[]): AddressBlocks {
  const blocks: AddressBlocks = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const text of texts) {
    const [net = '', bits] = text.split('/')
    const family = familyOf(net)
    const whole = family === 'ipv6' ? 128 : 32
    blocks[family].addSubnet(net, bits === undefined ? whole : Number(bits), family)
  }
  return blocks
}
