import { networkInterfaces } from 'node:os'
import { type IpAddress, parseIpAddress } from '../protocol/ip-address.ts'
import { addressBlocks, isListed, isPublicAddress } from '../protocol/public-address.ts'

/** Says which addresses a probe may touch (S25): the public Internet, and what the operator allowed. */
export interface AddressGuard {
  permits(address: IpAddress): boolean
}

/** `allow`: CIDR blocks or single addresses that are let through although they are not public. Throws on a malformed one. */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const allowed = addressBlocks(allow)
  return {
    permits: (address) => isListed(allowed, address) || (isPublicAddress(address) && !isOwn(address)),
  }
}

function isOwn(address: IpAddress): boolean {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .some((entry) => parseIpAddress(entry.address) === address)
}
