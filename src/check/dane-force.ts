import type { DaneStanding } from '../model/evidence/evidence-parts.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { type DaneAddress, daneAddresses, daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'

/** What the TLSA records of a host mean for the other findings about it. */
export interface DaneForce {
  /** Senders that do DANE have TLS with this host, or do not deliver to it (RFC 7672 §2.2). */
  readonly demandsTls: boolean
  /** What they make of the certificate that these addresses show; the worst counts. Null: no records are in force. */
  standing(addresses: readonly IpAddress[]): DaneStanding | null
}

const NO_FORCE: DaneForce = { demandsTls: false, standing: () => null }
const WORST_FIRST: readonly DaneStanding[] = ['refused', 'by-anchor', 'by-key', 'any']

/** Nothing is in force where the domain says `dane: ignore`, or where that cannot be told. */
export function daneForce(facts: Facts, host: MxHost): DaneForce {
  if (facts.domain.dane === 'ignore' || host.target !== 'host') return NO_FORCE
  const view = daneView(facts, host)
  if (view.kind === 'tls-only') return { demandsTls: true, standing: () => 'any' }
  if (view.kind !== 'authenticated') return NO_FORCE
  const standings = new Map(
    daneAddresses(facts, host, view).map(({ address, result }) => [address, standingOf(result)]),
  )
  return {
    demandsTls: true,
    standing: (addresses) => {
      const met = new Set(addresses.map((address) => standings.get(address)))
      return WORST_FIRST.find((one) => met.has(one)) ?? null
    },
  }
}

function standingOf(result: DaneAddress['result']): DaneStanding | null {
  switch (result.outcome) {
    case 'authenticated':
      return result.record.usage === 3 ? 'by-key' : 'by-anchor'
    case 'failed':
      return 'refused'
    case 'unusable':
      return 'any'
    case 'no-tls':
    case 'unknown':
      return null
  }
}
