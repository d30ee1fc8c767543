import { isIP, SocketAddress } from 'node:net'

/** An IPv4 or IPv6 address in canonical text (RFC 5952), IPv4-mapped addresses as IPv4. */
export type IpAddress = string & { readonly __brand: 'IpAddress' }

/** Canonical form, or null when the text is no literal address (zone ids and brackets are none). */
export function parseIpAddress(text: string): IpAddress | null {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return null
  if (family === 4) return text as IpAddress
  const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)
  return (mapped?.[1] ?? canonical) as IpAddress
}

export function isIpv6(address: IpAddress): boolean {
  return address.includes(':')
}
