/** The DNS of a story, asked through the weather: what several resolvers would agree on. */

import type { DnsFaultRule, LabRecord } from '../../src/lab/world.ts'
import { SECOND_MS, type UnixMs } from '../../src/lib/time.ts'
import type { DnsAnswer, MxRecord } from '../../src/model/dns.ts'
import type { Fault, FaultKind } from '../../src/model/fault.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../src/protocol/ip-address.ts'
import type { Chance } from './random.ts'
import { SPLIT_MS, type Story, segmentsAt } from './story.ts'
import type { Weather } from './weather.ts'

export interface Instants {
  /** The true time. */
  truth(): UnixMs
  /** What the machine takes for it. */
  clock(): UnixMs
}

type Records = Observation<DnsAnswer<readonly LabRecord[]>>

/** More addresses than this at one name are given out two at a time, in turn. */
const ROUND_ROBIN_FROM = 4

export class StoryDns {
  readonly #weather: Weather
  readonly #chance: Chance
  readonly #instants: Instants

  constructor(weather: Weather, chance: Chance, instants: Instants) {
    this.#weather = weather
    this.#chance = chance
    this.#instants = instants
  }

  txt(story: Story, name: string): Observation<DnsAnswer<readonly string[]>> {
    return mapped(this.#ask(story, name, 'TXT'), (record) => (record.type === 'TXT' ? [record.text] : []))
  }

  mx(story: Story, name: string): Observation<DnsAnswer<readonly MxRecord[]>> {
    return mapped(this.#ask(story, name, 'MX'), (record) =>
      record.type === 'MX'
        ? [{ preference: record.preference, exchange: record.exchange.toLowerCase() }]
        : [],
    )
  }

  /** A and AAAA; a lost half is a fault only beside one that has no address. */
  addresses(story: Story, name: string): Observation<DnsAnswer<readonly IpAddress[]>> {
    const halves = [this.#ask(story, name, 'A'), this.#ask(story, name, 'AAAA')].map((half) =>
      mapped(half, (record) => ('address' in record ? [record.address as IpAddress] : [])),
    )
    const seen = halves.flatMap((half) => (half.outcome === 'seen' ? [half] : []))
    const [first] = seen
    if (first === undefined) {
      const lost = halves.find(({ outcome }) => outcome === 'failed')
      const nodata = halves.find((half) => half.outcome === 'absent' && half.denial === 'nodata')
      return lost ?? nodata ?? (halves[0] as Observation<DnsAnswer<readonly IpAddress[]>>)
    }
    const all = seen.flatMap(({ value }) => value.records)
    const given = all.length < ROUND_ROBIN_FROM ? all : this.#chance.shuffled(all).slice(0, 2)
    return { ...first, value: { ...first.value, records: given.toSorted() } }
  }

  #ask(story: Story, name: string, type: string): Records {
    const truth = this.#instants.truth()
    const told = { at: this.#instants.clock(), tookMs: 1 }
    if (this.#weather.isLost('dns', truth))
      return { outcome: 'failed', ...told, fault: dnsFault('dns-timeout') }
    const { now, old } = segmentsAt(story, truth)
    const rule = now.world.dnsFaults.find(({ at }) => covers(at, name))
    if (rule !== undefined) return { outcome: 'failed', ...told, fault: dnsFault(kindOf(rule)) }
    const stale = old !== null && this.#chance.happens(0.5) ? old : null
    const { rcode, records, secure } = (stale ?? now).zones.answer(name, type)
    const security = secure ? 'secure' : 'insecure'
    const found = records.filter((record) => record.type === type)
    const [first] = found
    if (first === undefined) {
      return { outcome: 'absent', ...told, denial: rcode === 'NXDOMAIN' ? 'nxdomain' : 'nodata', security }
    }
    // A cache keeps what it has for what is left of the TTL.
    const leftMs =
      stale === null ? this.#chance.between(0, first.ttlSeconds * SECOND_MS) : now.from + SPLIT_MS - truth
    const cnames = records.flatMap((record) => (record.type === 'CNAME' ? [record.target as DomainName] : []))
    return {
      outcome: 'seen',
      ...told,
      value: {
        records: found,
        ttlSeconds: Math.ceil(leftMs / SECOND_MS),
        security,
        cnames,
        signatures: null,
      },
    }
  }
}

function mapped<T>(
  look: Records,
  read: (record: LabRecord) => readonly T[],
): Observation<DnsAnswer<readonly T[]>> {
  if (look.outcome !== 'seen') return look
  return { ...look, value: { ...look.value, records: look.value.records.flatMap(read) } }
}

function dnsFault(kind: FaultKind): Fault {
  return { kind, blame: kind === 'dns-timeout' ? 'path' : 'remote', detail: `the resolvers: ${kind}` }
}

function kindOf({ fault }: DnsFaultRule): FaultKind {
  if (fault === 'servfail') return 'dns-servfail'
  if (fault === 'bogus') return 'dns-bogus'
  throw new Error(`the simulation has no DNS fault ${String(fault)}`)
}

function covers(at: string, name: string): boolean {
  return at.startsWith('*.') ? name === at.slice(2) || name.endsWith(at.slice(1)) : at === name
}
