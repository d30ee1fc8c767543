import { expect, it } from 'vitest'
import { targetNetwork } from '../../../src/check/target-network.ts'
import type { IpAddress } from '../../../src/protocol/ip-address.ts'

it.each([
  ['192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8:1::7', '2001:db8:1::/48'],
  ['2001:db8::7', '2001:db8:0::/48'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0::/48'],
  ['2001::1:2:3:4:5:6', '2001:0:1::/48'],
  ['::1', '0:0:0::/48'],
])('%s lies in %s', (address, network) => {
  expect(targetNetwork(address as IpAddress)).toBe(network)
})
