import { getServers } from 'node:dns'
import { isIPv6 } from 'node:net'
import type { ResolverServer } from './dns-lookup.ts'

const LOOPBACK = /^(?:127\.|::1$)/

/** A server that is believed about DNSSEC only on this machine itself (RFC 7672 §2.1.1), unless told otherwise. */
export function resolverServer(address: string, port = 53, trusted = LOOPBACK.test(address)): ResolverServer {
  return { address, port, trusted }
}

/** The resolvers that this machine is set up to use, read from what `node:dns` tells of them. */
export function systemServers(told: readonly string[] = getServers()): readonly ResolverServer[] {
  return told.map(readServer)
}

/** Reads `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`. */
function readServer(text: string): ResolverServer {
  if (isIPv6(text)) return resolverServer(text)
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  return resolverServer(bracketed ?? plain ?? text, port === undefined ? 53 : Number(port))
}
