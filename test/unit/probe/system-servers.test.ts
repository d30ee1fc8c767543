import { getServers } from 'node:dns'
import { expect, test } from 'vitest'
import { resolverServer, systemServers } from '../../../src/probe/system-servers.ts'

test('the resolvers of this machine are used as they are set up', () => {
  const told = ['192.0.2.53', '127.0.0.53', '198.51.100.53:5353', '2001:db8::53', '[::1]:5300']
  expect(systemServers(told)).toEqual([
    { address: '192.0.2.53', port: 53, trusted: false },
    { address: '127.0.0.53', port: 53, trusted: true },
    { address: '198.51.100.53', port: 5353, trusted: false },
    { address: '2001:db8::53', port: 53, trusted: false },
    { address: '::1', port: 5300, trusted: true },
  ])
})

test('without being told it asks the system', () => {
  expect(systemServers()).toHaveLength(getServers().length)
})

test('a server is believed when the operator says so', () => {
  expect(resolverServer('192.0.2.53', 53, true).trusted).toBe(true)
  expect(resolverServer('127.0.0.1', 53, false).trusted).toBe(false)
})
