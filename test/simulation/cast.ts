/** Who plays: domains in order, domains that meet a real fault, and changes that were made as one should. */

import {
  addressFor,
  buildWorld,
  editDomain,
  healthyDomain,
  mailHost,
  policy,
  policyHost,
  policyText,
} from '../../src/lab/build-world.ts'
import { type Drill, drillWorld } from '../../src/lab/drills/drill.ts'
import { DRILLS } from '../../src/lab/drills/drills.ts'
import type { LabDomain, World } from '../../src/lab/world.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { Chance } from './random.ts'
import { type PlannedChange, renamed, type Segment, type Story, segment } from './story.ts'

export interface Plan {
  readonly start: UnixMs
  readonly days: number
  readonly domains: number
  readonly faults: number
}

const TTL_SECONDS = 3_600
const PROVIDERS = 4
const LONGEST_FAULT_MS = 36 * HOUR_MS
const SHORTEST_FAULT_MS = 3 * HOUR_MS

/** One story a domain; the first `faults` of them have a real fault each, of as many kinds as there are. */
export function castOf(plan: Plan, chance: Chance): readonly Story[] {
  // What watch.yaml says of single hosts is not simulated, nor are single name servers.
  const played = DRILLS.filter(
    ({ hosts, finding }) => Object.keys(hosts).length === 0 && !finding.startsWith('dns.server.'),
  )
  const drills = chance.shuffled(played)
  return Array.from({ length: plan.domains }, (_, index) => {
    const name = `d${`${index}`.padStart(4, '0')}.test`
    const drill = index < plan.faults ? drills[index % drills.length] : undefined
    return drill === undefined ? orderly(name, plan, chance) : broken(name, drill, plan, chance)
  })
}

function broken(name: string, drill: Drill, plan: Plan, chance: Chance): Story {
  const world = drill.start(drillWorld())
  const wrong = drill.break(world)
  const longest = Math.min(LONGEST_FAULT_MS, (plan.days * DAY_MS) / 6)
  const lasts = chance.between(SHORTEST_FAULT_MS, Math.max(longest, SHORTEST_FAULT_MS + HOUR_MS))
  const latest = plan.start + plan.days * DAY_MS - lasts - 6 * HOUR_MS
  const from = Math.floor(chance.between(plan.start + 3 * HOUR_MS, latest))
  const to = Math.floor(from + lasts)
  const told = (one: World) => withTtl(renamed(one, name))
  return {
    name,
    expect: drill.expect,
    segments: [
      segment(0, told(world), false),
      segment(from, told(wrong), false),
      segment(to, told(drill.mend(wrong)), false),
    ],
    fault: { drill, from, to },
    planned: [],
  }
}

interface Step {
  readonly after: UnixMs
  readonly isDns: boolean
  readonly edit: (world: World, name: string) => World
}

type Change = { readonly name: string; readonly steps: readonly Step[] }

const NEW_ID = 'v=STSv1; id=20260202T000000Z;'

/** RFC 8461 §3.3: the policy first, then the id, minutes later; a mail host joins after both, and leaves before. */
const CHANGES: readonly Change[] = [
  { name: 'max_age raised', steps: [text({ maxAgeSeconds: 1_209_600 }, 0), newId(2 * MINUTE_MS)] },
  { name: 'id, then policy', steps: [newId(0), text({ maxAgeSeconds: 1_209_600 }, 2 * MINUTE_MS)] },
  { name: 'enforced', steps: [text({ mode: 'enforce' }, 0), newId(2 * MINUTE_MS)] },
  {
    name: 'mail host added',
    steps: [
      {
        after: 0,
        isDns: false,
        edit: (world, name) =>
          withHost(withText(world, name, { mx: [...mxOf(world, name), `mx9.${name}`] }), name),
      },
      newId(2 * MINUTE_MS),
      { after: 90 * MINUTE_MS, isDns: true, edit: joined },
    ],
  },
  {
    name: 'mail host removed',
    steps: [
      {
        after: 0,
        isDns: true,
        edit: (world, name) =>
          editDomain(world, name, ({ mx, ...rest }) => ({ ...rest, mx: mx.slice(0, 1) })),
      },
      {
        after: 26 * HOUR_MS,
        isDns: false,
        edit: (world, name) => withText(world, name, { mx: mxOf(world, name) }),
      },
      newId(26 * HOUR_MS + 2 * MINUTE_MS),
    ],
  },
  {
    name: 'reports moved',
    steps: [
      {
        after: 0,
        isDns: true,
        edit: (world, name) =>
          editDomain(world, name, { tlsrptRecord: [`v=TLSRPTv1; rua=mailto:tls2@${name}`] }),
      },
    ],
  },
  { name: 'policy host moved', steps: [{ after: 0, isDns: true, edit: movedPolicyHost }] },
]

/** In order for the whole run, with a planned change when there is time for one. */
function orderly(name: string, plan: Plan, chance: Chance): Story {
  const change = chance.pick(CHANGES)
  const first = baseWorld(name, change.name === 'enforced' ? 'testing' : 'enforce', chance)
  const last = change.steps.at(-1)?.after ?? 0
  const latest = plan.start + plan.days * DAY_MS - last - 4 * HOUR_MS
  const from = Math.floor(chance.between(plan.start + 2 * HOUR_MS, latest))
  const isPossible = change.name !== 'mail host removed' || mxOf(first, name).length > 1
  if (latest < plan.start + 3 * HOUR_MS || !isPossible) return storyOf(name, [segment(0, first, false)], [])
  const segments: Segment[] = [segment(0, first, false)]
  for (const { after, isDns, edit } of change.steps) {
    segments.push(segment(from + after, edit(segments.at(-1)?.world ?? first, name), isDns))
  }
  return storyOf(name, segments, [{ name: change.name, from, to: from + last }])
}

function storyOf(name: string, segments: readonly Segment[], planned: readonly PlannedChange[]): Story {
  return { name, expect: 'any', segments, fault: null, planned }
}

function baseWorld(name: string, mode: string, chance: Chance): World {
  const kind = chance.pick(['plain', 'two hosts', 'provider', 'round robin'] as const)
  const provider = `p${Math.floor(chance.between(0, PROVIDERS))}.test`
  const exchanges = {
    plain: [`mx1.${name}`],
    'two hosts': [`mx1.${name}`, `mx2.${name}`],
    provider: [`mx1.${provider}`, `mx2.${provider}`],
    'round robin': [`mx1.${name}`],
  }[kind]
  const many = (host: string, count: number) =>
    Array.from({ length: count }, (_, at) => addressFor(`${at}.${host}`))
  const hosts = exchanges.map((host) => mailHost(host, { addresses: many(host, kind === 'plain' ? 1 : 2) }))
  const mx = exchanges.map((exchange, index) => ({ preference: 10 * (index + 1), exchange }))
  const served = policy(
    name,
    { mode, mx: exchanges },
    { addresses: many(`mta-sts.${name}`, kind === 'round robin' ? 6 : 2) },
  )
  return withTtl(
    buildWorld({
      domains: [healthyDomain(name, { mx, policy: served, hosts: kind === 'provider' ? [] : hosts })],
      hosts: kind === 'provider' ? hosts : [],
    }),
  )
}

function withTtl(world: World): World {
  return { ...world, domains: world.domains.map((domain) => ({ ...domain, ttlSeconds: TTL_SECONDS })) }
}

function text(fields: { mode?: string; maxAgeSeconds?: number }, after: UnixMs): Step {
  return {
    after,
    isDns: false,
    edit: (world, name) => withText(world, name, { mx: mxOf(world, name), ...fields }),
  }
}

function newId(after: UnixMs): Step {
  return { after, isDns: true, edit: (world, name) => editDomain(world, name, { stsRecord: [NEW_ID] }) }
}

function withText(world: World, name: string, fields: Parameters<typeof policyText>[0]): World {
  return editDomain(world, name, (domain): LabDomain => {
    const body = policyText(fields)
    return { ...domain, policy: domain.policy && { ...domain.policy, body } }
  })
}

function mxOf(world: World, name: string): readonly string[] {
  return world.domains.find((domain) => domain.name === name)?.mx.map(({ exchange }) => exchange) ?? []
}

/** A mail host that nobody has heard of yet. */
function withHost(world: World, name: string): World {
  return editDomain(world, name, (domain) => ({
    ...domain,
    hosts: [...domain.hosts, mailHost(`mx9.${name}`)],
  }))
}

function joined(world: World, name: string): World {
  return editDomain(world, name, (domain) => ({
    ...domain,
    mx: [...domain.mx, { preference: 90, exchange: `mx9.${name}` }],
  }))
}

function movedPolicyHost(world: World, name: string): World {
  return editDomain(world, name, (domain) => {
    const host = policyHost(name, { addresses: [addressFor(`elsewhere.${name}`)] })
    return { ...domain, policy: domain.policy && { ...domain.policy, host } }
  })
}
