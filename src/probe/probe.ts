import type { WantedFaces } from '../model/host-face.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { SightProtocol } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** Looks at the world. Every remote fault is a value inside what it returns; it throws only for our own bugs. */
export interface Probe {
  /**
   * One whole look at a domain. An MX host that was looked at less than `maxHostAgeMs` ago, for whichever domain,
   * is not asked again: its last look is given with its own instant (R32). `wanted`: what to see of the MX hosts besides;
   * nothing unless said.
   */
  domain(name: DomainName, maxHostAgeMs: number, signal: AbortSignal, wanted?: WantedFaces): Promise<Snapshot>
  /**
   * What each authoritative server says of the domain of this look and of its MX hosts. Whatever was asked less than
   * `maxAgeMs` ago, for whichever domain, is not asked again (R32).
   */
  zones(
    snapshot: Pick<Snapshot, 'domain' | 'hosts'>,
    maxAgeMs: number,
    signal: AbortSignal,
  ): Promise<Snapshot['zones']>
  /** Does a well-known good host answer over this protocol? `seen` says so; its `value` is the Date header's instant for https when there is one. */
  canary(protocol: SightProtocol, name: DomainName, signal: AbortSignal): Promise<Observation<number | null>>
}

/** Looks at mail hosts that no MX record names yet. */
export interface HostProbe {
  /** As for a domain, a host that was looked at less than `maxHostAgeMs` ago is not asked again. */
  mxHost(
    name: DomainName,
    maxHostAgeMs: number,
    signal: AbortSignal,
  ): Promise<Pick<MxHost, 'addresses' | 'tlsa' | 'tlsaBase' | 'sessions' | 'faces'>>
}
