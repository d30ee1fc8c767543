/** The signatures of the lab's secure zones: their dates are true, their keys are not (RFC 4034 §3). */

import type { Answer } from 'dns-packet'
import { HOUR_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { LabRecord, LabSignatures } from './world.ts'

/** Who signs a set of records. */
export interface SignedSet {
  readonly name: string
  readonly type: string
  readonly ttlSeconds: number
  readonly signer: LabSignatures
}

/** The sets among these records that lie in a secure zone; `zoneOf` gives null for a record outside of those. */
export function signedSets(
  records: readonly LabRecord[],
  zoneOf: (name: string) => string | null,
  known: readonly LabSignatures[],
): readonly SignedSet[] {
  const sets = new Map<string, SignedSet>()
  for (const { name, type, ttlSeconds } of records) {
    const zone = zoneOf(name)
    if (zone === null) continue
    const signer = known.find((one) => one.zone === zone) ?? { zone, hoursOld: 24, hoursLeft: 13 * 24 }
    sets.set(`${name} ${type}`, { name, type, ttlSeconds, signer })
  }
  return [...sets.values()]
}

/** The RRSIG record of a set, as of this instant. */
export function signatureRecord({ name, type, ttlSeconds, signer }: SignedSet, at: UnixMs): Answer {
  return {
    name,
    type: 'RRSIG',
    ttl: ttlSeconds,
    data: {
      typeCovered: type,
      algorithm: 13,
      labels: name.split('.').length,
      originalTTL: ttlSeconds,
      expiration: Math.floor((at + signer.hoursLeft * HOUR_MS) / SECOND_MS),
      inception: Math.floor((at - signer.hoursOld * HOUR_MS) / SECOND_MS),
      keyTag: 1,
      signersName: signer.zone,
      signature: Buffer.alloc(64),
    },
  } as Answer
}
