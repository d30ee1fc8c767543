/** A rehearsal: one mistake in a world that was in order, what must be told of it, and how it is mended. */

import type { FindingCode, Severity } from '../../model/finding.ts'
import type { PolicyFields } from '../build-world.ts'
import {
  buildWorld,
  editDomain,
  editHost,
  healthyDomain,
  mailHost,
  policyText,
  webHost,
} from '../build-world.ts'
import type { LabDomain, LabHost, World } from '../world.ts'

/** One incident that a drill brings about. */
export interface DrillIncident {
  readonly code: FindingCode
  readonly subject: string | null
  readonly severity: Severity
}

export interface Drill {
  /** Unique among all drills, in kebab-case. */
  readonly name: string
  /** What somebody did. */
  readonly title: string
  /** The finding that is rehearsed. */
  readonly finding: FindingCode
  /** `expect` of the watched domain. */
  readonly expect: 'enforce' | 'testing' | 'any'
  /** `hosts` of watch.yaml. */
  readonly hosts: Readonly<Record<string, { readonly next_key: string }>>
  /** Further keys of the watched domain in watch.yaml. */
  readonly watch: Readonly<Record<string, unknown>>
  /** All that opens, sorted by code and subject: the finding, and what it cannot come without. */
  readonly opens: readonly DrillIncident[]
  /** Words of the remedy of the finding: the exact line, record or command. */
  readonly remedy: string
  /** Changes that are told besides, because no incident says what changed. */
  readonly changes: number
  start(world: World): World
  break(world: World): World
  mend(world: World): World
  /** At most, with a look every quarter of an hour and several resolvers. */
  readonly minutesToOpen: number
  readonly minutesToResolve: number
}

/** The domain that drills are about. */
export const DRILL_DOMAIN = 'example.com'

/** Hosts that always answer, so that the monitor can prove that it sees. */
export const DRILL_CANARIES = {
  dns: ['canary.test'],
  dnssec: ['signed.canary.test'],
  https: ['www.canary.test'],
  smtp: ['mx.canary.test'],
} as const

/** One healthy domain and the canaries: where every drill sets out. */
export function drillWorld(): World {
  return buildWorld({
    domains: [
      healthyDomain(DRILL_DOMAIN),
      healthyDomain('canary.test', { mx: [{ preference: 10, exchange: 'mx.canary.test' }] }),
    ],
    hosts: [mailHost('mx.canary.test'), webHost('www.canary.test')],
    zones: [{ name: 'signed.canary.test', secure: true }],
  })
}

/** What a drill must say; the rest has a usual value. Without `mend` everything is put back as it was. */
export type DrillParts = Pick<Drill, 'name' | 'title' | 'finding' | 'remedy' | 'break'> &
  Partial<Drill> & { readonly subject?: string; readonly severity?: Severity }

export function drill(parts: DrillParts): Drill {
  const { subject = null, severity = 'warning', finding, start = (world) => world, ...rest } = parts
  return {
    finding,
    start,
    expect: 'any',
    hosts: {},
    opens: [{ code: finding, subject, severity }],
    watch: {},
    changes: 0,
    mend: () => start(drillWorld()),
    minutesToOpen: 25,
    minutesToResolve: 25,
    ...rest,
  }
}

/** An edit of the domain alone. */
export function withDomain(edit: Partial<LabDomain>): (world: World) => World {
  return (world) => editDomain(world, DRILL_DOMAIN, edit)
}

/** An edit of one host. */
export function withHost(name: string, edit: Partial<LabHost>): (world: World) => World {
  return (world) => editHost(world, name, edit)
}

/** Another policy file; `id` null: nobody thought of the record. */
export function withPolicy(
  fields: Partial<PolicyFields> | string,
  id: string | null,
): (world: World) => World {
  const body = typeof fields === 'string' ? fields : policyText({ mx: [`mx1.${DRILL_DOMAIN}`], ...fields })
  return (world) =>
    editDomain(world, DRILL_DOMAIN, (domain) => ({
      ...domain,
      stsRecord: id === null ? domain.stsRecord : [`v=STSv1; id=${id};`],
      policy: domain.policy && { ...domain.policy, body },
    }))
}
