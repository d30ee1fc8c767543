/** Which host answers at an address, and how: the world's hosts seen from the wire. */

import { parseIpAddress } from '../protocol/ip-address.ts'
import type { Behaviour, HttpsMode, LabDomain, LabHost, World } from './world.ts'

/** One host as it is at one of its addresses. */
export interface Machine {
  readonly host: LabHost
  readonly behaviour: Behaviour
  /** The policy this host serves; null when it is no policy host. */
  readonly policyBody: string | null
}

/** Every host of the world: the shared ones, the domains' own, the policy hosts. */
export function allHosts(world: World): readonly LabHost[] {
  return [...world.hosts, ...world.domains.flatMap(hostsOf)]
}

/**
 * Machines by canonical address, in world order; several names may share one address.
 * Throws when an address is none, or when names at one address disagree about what is not told apart by SNI.
 */
export function machinesByAddress(world: World): ReadonlyMap<string, readonly Machine[]> {
  const policies = new Map<string, string>()
  for (const { policy } of world.domains) if (policy) policies.set(policy.host.name, policy.body)
  const machines = new Map<string, Machine[]>()
  for (const host of allHosts(world)) {
    for (const written of host.addresses) {
      const address = documentationAddress(written, host.name)
      const machine = {
        host,
        behaviour: { ...host, ...host.byAddress[written] },
        policyBody: policies.get(host.name) ?? null,
      }
      const others = machines.get(address)
      if (others === undefined) machines.set(address, [machine])
      else others.push(agreeing(machine, others, address))
    }
  }
  return machines
}

function hostsOf(domain: LabDomain): readonly LabHost[] {
  return domain.policy ? [...domain.hosts, domain.policy.host] : domain.hosts
}

// RFC 5737, RFC 3849: nobody real can ever be meant.
const DOCUMENTATION = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/

function documentationAddress(text: string, host: string): string {
  const address = parseIpAddress(text)
  if (address === null || !DOCUMENTATION.test(address)) {
    throw new Error(`${host}: ${text} is no documentation address (RFC 5737, RFC 3849)`)
  }
  return address
}

/** A connection shows only its address at first, so the path and what happens before SNI must be common to all names. */
function agreeing(machine: Machine, others: readonly Machine[], address: string): Machine {
  for (const { host, behaviour } of others) {
    const differs =
      behaviour.path !== machine.behaviour.path ||
      disagree(behaviour.smtp, machine.behaviour.smtp) ||
      disagree(beforeTls(behaviour.https), beforeTls(machine.behaviour.https)) ||
      behaviour.secondCertificate !== null ||
      machine.behaviour.secondCertificate !== null
    if (differs) {
      const both = `${host.name} and ${machine.host.name}`
      throw new Error(
        `${both} share ${address}: their paths and modes must agree and none may have two certificates, or give one another address`,
      )
    }
  }
  return machine
}

const BEFORE_TLS: readonly (HttpsMode | null)[] = [
  'reset-at-connect',
  'hang-after-connect',
  'no-tls',
  'tls-garbage',
  'tls-alert',
]

function beforeTls(mode: HttpsMode | null): HttpsMode | null {
  return mode === null || BEFORE_TLS.includes(mode) ? mode : 'ok'
}

function disagree(one: unknown, other: unknown): boolean {
  return one !== null && other !== null && one !== other
}
