/** The truth about one domain over the whole run: lab worlds one after the other, as plain data. */

import { addressFor } from '../../src/lab/build-world.ts'
import type { Drill } from '../../src/lab/drills/drill.ts'
import { DRILL_DOMAIN } from '../../src/lab/drills/drill.ts'
import { allHosts, type Machine, machinesByAddress } from '../../src/lab/machines.ts'
import type { World } from '../../src/lab/world.ts'
import { type ZoneData, zoneData } from '../../src/lab/zone-data.ts'
import { HOUR_MS, type UnixMs } from '../../src/lib/time.ts'

/** For so long after a planned change some caches still give the old answers. */
export const SPLIT_MS = HOUR_MS

export interface Segment {
  readonly from: UnixMs
  readonly world: World
  readonly zones: ZoneData
  readonly machines: ReadonlyMap<string, readonly Machine[]>
  /** The DNS answers of the segment before are still about, for `SPLIT_MS`. */
  readonly isSplit: boolean
}

/** A real fault: when it began and ended, and which drill it is. */
export interface RealFault {
  readonly drill: Drill
  readonly from: UnixMs
  readonly to: UnixMs
}

/** A change that somebody made as one should. */
export interface PlannedChange {
  readonly name: string
  readonly from: UnixMs
  readonly to: UnixMs
}

export interface Story {
  readonly name: string
  readonly expect: Drill['expect']
  readonly segments: readonly Segment[]
  readonly fault: RealFault | null
  readonly planned: readonly PlannedChange[]
}

export function segment(from: UnixMs, world: World, isSplit: boolean): Segment {
  return { from, world, zones: zoneData(world), machines: machinesByAddress(world), isSplit }
}

/** The segment in force and, while its change is still spreading, the one before. */
export function segmentsAt(
  story: Story,
  at: UnixMs,
): { readonly now: Segment; readonly old: Segment | null } {
  const index = story.segments.findLastIndex(({ from }) => from <= at)
  const now = story.segments[index]
  if (now === undefined) throw new Error(`${story.name} has no truth yet`)
  const old = now.isSplit && at < now.from + SPLIT_MS ? (story.segments[index - 1] ?? null) : null
  return { now, old }
}

/** The world of a drill as that of another domain: other names, and other networks for its hosts. */
export function renamed(world: World, domain: string): World {
  const own = allHosts(world).filter(({ name }) => name.endsWith(DRILL_DOMAIN))
  let text = JSON.stringify(world)
  for (const { name } of own) {
    const other = name.replaceAll(DRILL_DOMAIN, domain)
    text = text.replaceAll(addressFor(name), addressFor(other))
  }
  return JSON.parse(text.replaceAll(DRILL_DOMAIN, domain)) as World
}
