import type { AddressEvidence } from '../model/evidence/evidence-parts.ts'
import type { Fault } from '../model/fault.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { NameServerLook, ServerAddressLook, ServerReply, ZoneLook } from '../model/zone-look.ts'
import { type IpAddress, isIpv6 } from '../protocol/ip-address.ts'
import type { Facts } from './facts.ts'

/** What one address of a name server is worth. */
export type Standing =
  /** It has the zone. */
  | { readonly kind: 'serving' }
  /** It answered, and has not the zone. */
  | { readonly kind: 'lame'; readonly failure: AddressEvidence }
  | { readonly kind: 'mute'; readonly failure: AddressEvidence }
  /** Nothing can be held against it. */
  | { readonly kind: 'unknown'; readonly because: Fault }

/** Do any of the zone's servers answer for it? Otherwise something may stand between us and all of them. */
export function isServed({ servers }: ZoneLook): boolean {
  return servers.some(({ asked }) => asked.some(isServing))
}

export function isServing({ soa }: ServerAddressLook): boolean {
  return soa.outcome === 'seen' && servesZone(soa.value)
}

function servesZone({ rcode, authoritative, soa }: ServerReply): boolean {
  return rcode === 'NOERROR' && authoritative && soa !== null
}

/**
 * Silence is held against an address while this machine is proven to see, another address serves the zone, and
 * something else answered over the same family of addresses (R29); a wrong answer while another address serves the zone.
 */
export function standingOf(
  { address, soa }: ServerAddressLook,
  zone: ZoneLook,
  { snapshot, vantage }: Pick<Facts, 'snapshot' | 'vantage'>,
): Standing {
  switch (soa.outcome) {
    case 'seen': {
      if (servesZone(soa.value)) return { kind: 'serving' }
      const detail = `${address} ${lameness(soa.value)}`
      if (isServed(zone)) return { kind: 'lame', failure: { address, detail } }
      const why = `no server of ${zone.name} answers for it when asked from here: ${detail}`
      return { kind: 'unknown', because: { kind: 'dns-refused', blame: 'path', detail: why } }
    }
    case 'failed': {
      const { fault } = soa
      if (fault.kind === 'address-denied') return { kind: 'mute', failure: { address, detail: fault.detail } }
      const isTheirs =
        fault.blame !== 'local' && vantage.dns === 'sees' && isServed(zone) && reaches(address, snapshot)
      return isTheirs
        ? { kind: 'mute', failure: { address, detail: fault.detail } }
        : { kind: 'unknown', because: fault }
    }
    default: {
      const detail = `${address} was not asked for ${zone.name}`
      return { kind: 'unknown', because: { kind: 'moot', blame: 'local', detail } }
    }
  }
}

function lameness({ rcode, isReferral, authoritative }: ServerReply): string {
  if (isReferral) return 'sends us to other servers (referral)'
  if (rcode !== 'NOERROR') return `answers ${rcode}`
  return authoritative ? 'answers without a SOA record' : 'answers, but not authoritatively (no AA bit)'
}

/** Has anything answered in this look over the family of this address? */
function reaches(address: IpAddress, { zones, hosts, policyHost }: Snapshot): boolean {
  const answered: readonly IpAddress[] = [
    ...zones.flatMap(({ servers }) => servers.flatMap(answeringAddresses)),
    ...policyHost.fetches.filter(({ tls }) => tls.outcome === 'seen').map((fetch) => fetch.address),
    ...hosts.flatMap(({ sessions }) =>
      sessions.filter(({ smtp }) => smtp.outcome === 'seen').map((session) => session.address),
    ),
  ]
  return answered.some((one) => isIpv6(one) === isIpv6(address))
}

function answeringAddresses({ asked }: NameServerLook): readonly IpAddress[] {
  return asked.filter(({ soa }) => soa.outcome === 'seen').map(({ address }) => address)
}
