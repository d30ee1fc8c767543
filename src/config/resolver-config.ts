import { type IpAddress, parseIpAddress } from '../protocol/ip-address.ts'
import type { ResolverConfig } from './watch-config.ts'

const DNS_PORT = 53
// An IPv6 address with brackets and port, and some more.
const LONGEST = 60

/**
 * Reads `system`, `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`. Null for anything else:
 * names are refused, because finding them would need the resolver (S49). Loopback addresses are trusted.
 */
export function parseResolver(text: string): ResolverConfig | null {
  if (text === 'system') return { kind: 'system' }
  if (text.length > LONGEST) return null
  const match =
    /^(?:\[(?<bracketed>[^\]]+)\]|(?<v4>[\d.]+)|(?<v6>[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*))(?::(?<port>\d{1,5}))?$/i.exec(
      text,
    )
  const parts = match?.groups ?? {}
  const address = parseIpAddress(parts.bracketed ?? parts.v4 ?? parts.v6 ?? '')
  const port = parts.port === undefined ? DNS_PORT : Number(parts.port)
  if (address === null || port < 1 || port > 65_535) return null
  return { kind: 'server', address, port, trusted: isLoopback(address) }
}

/** RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3. */
export function isLoopback(address: IpAddress): boolean {
  return address === '::1' || address.startsWith('127.')
}
