import { BlockList } from 'node:net'
import { type IpAddress, isIpv6, parseIpAddress } from '../protocol/ip-address.ts'
import { isLoopback } from './resolver-config.ts'

/** An address block such as `10.0.0.0/8`. */
export interface Cidr {
  readonly address: IpAddress
  readonly prefix: number
  /** Canonical text. */
  readonly text: string
}

/** Reads `address/prefix`; a bare address stands for itself alone. Null when it is no block. */
export function parseCidr(text: string): Cidr | null {
  const [before = '', after, ...more] = text.split('/')
  const address = parseIpAddress(before)
  if (address === null || more.length > 0) return null
  const bits = isIpv6(address) ? 128 : 32
  if (after !== undefined && !/^\d{1,3}$/.test(after)) return null
  const prefix = after === undefined ? bits : Number(after)
  return prefix > bits ? null : { address, prefix, text: `${address}/${prefix}` }
}

/** Whether the block lies within loopback (S29). */
export function isLoopbackBlock(cidr: Cidr): boolean {
  return isLoopback(cidr.address) && cidr.prefix >= (isIpv6(cidr.address) ? 128 : 8)
}

/** Whether the block holds a loopback address, as `0.0.0.0/0` does. */
export function touchesLoopback(cidr: Cidr): boolean {
  const family = isIpv6(cidr.address) ? 'ipv6' : 'ipv4'
  const block = new BlockList()
  block.addSubnet(cidr.address, cidr.prefix, family)
  return isLoopback(cidr.address) || block.check(family === 'ipv6' ? '::1' : '127.0.0.1', family)
}
