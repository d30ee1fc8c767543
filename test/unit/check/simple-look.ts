/** Snapshots reduced to what can be said of our own sight: who answered, who did not, where. */

import type { UnixMs } from '../../../src/lib/time.ts'
import type { FaultKind } from '../../../src/model/fault.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { Snapshot, SnapshotId } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../../src/protocol/ip-address.ts'

export const START: UnixMs = Date.UTC(2026, 10, 23, 12)

/** `seen`, `absent`, `skipped`, or the fault it failed with. */
export type Fate = 'seen' | 'absent' | 'skipped' | FaultKind

export interface SimpleLook {
  readonly domain: string
  readonly at: UnixMs
  /** Of every TXT and MX question; addresses are skipped. */
  readonly dns: Fate
  /** Of the policy host, by address. */
  readonly https: Readonly<Record<string, Fate>>
  /** Of each MX host, by address. */
  readonly smtp: Readonly<Record<string, Readonly<Record<string, Fate>>>>
}

export function simpleLook(changes: Partial<SimpleLook> = {}): Snapshot {
  const look: SimpleLook = { domain: 'example.com', at: START, dns: 'seen', https: {}, smtp: {}, ...changes }
  const { domain, at, dns } = look
  return {
    id: `snp_${domain}_${at}` as SnapshotId,
    domain: domain as DomainName,
    takenAt: at,
    stsRecord: observation(dns, at),
    tlsrptRecord: observation(dns, at),
    mx: observation(dns, at),
    ruaDomains: [],
    zones: [],
    policyHost: {
      name: `mta-sts.${domain}` as DomainName,
      addresses: observation('skipped', at),
      fetches: Object.entries(look.https).map(([address, fate]) => ({
        address: address as IpAddress,
        tls: observation(fate, at),
        response: observation('skipped', at),
      })),
    },
    hosts: Object.entries(look.smtp).map(([name, sessions]) => ({
      name,
      preference: 10,
      source: 'mx',
      target: 'host',
      addresses: observation('skipped', at),
      tlsa: observation('skipped', at),
      tlsaBase: null,
      sessions: Object.entries(sessions).map(([address, fate]) => ({
        address: address as IpAddress,
        smtp: observation(fate, at),
        dane: observation('skipped', at),
      })),
      faces: [],
    })),
  }
}

function observation<T>(fate: Fate, at: UnixMs): Observation<T> {
  switch (fate) {
    case 'seen':
      // Sight depends on that something was seen, never on what; but for DNSSEC, which these looks are never in doubt of.
      return { outcome: 'seen', at, tookMs: 1, value: { security: 'secure' } as T }
    case 'absent':
      return { outcome: 'absent', at, tookMs: 1, denial: 'nxdomain', security: 'secure' }
    case 'skipped':
      return { outcome: 'skipped', because: 'not asked' }
    default:
      return { outcome: 'failed', at, tookMs: 1, fault: { kind: fate, blame: 'path', detail: fate } }
  }
}
