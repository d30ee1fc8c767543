/** Which records of the lab are signed, and by which zone. */

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
