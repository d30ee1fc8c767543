import { type IpAddress, isIpv6 } from '../protocol/ip-address.ts'

/**
 * The network an address is reached through, as far as an outage is concerned: its /24, for IPv6 its /48.
 * `192.0.2.7` → `192.0.2.0/24`.
 */
export function targetNetwork(address: IpAddress): string {
  if (!isIpv6(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`
  const [head = '', tail] = address.split('::')
  const leading = head === '' ? [] : head.split(':')
  const trailing = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? leading : [...leading, ...zeros(8 - leading.length - trailing.length), ...trailing]
  return `${groups.slice(0, 3).join(':')}::/48`
}

function zeros(count: number): readonly string[] {
  return Array.from({ length: count }, () => '0')
}
