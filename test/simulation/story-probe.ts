/** The probe of a simulated world: the true state of its domains, seen through the weather, without a socket. */

import type { Machine } from '../../src/lab/machines.ts'
import type { NewId } from '../../src/lib/id.ts'
import type { Clock } from '../../src/lib/time.ts'
import type { Observation } from '../../src/model/observation.ts'
import type {
  MxHost,
  MxSession,
  PolicyFetch,
  PolicyHostLook,
  RuaDomainLook,
  Snapshot,
  SnapshotId,
} from '../../src/model/snapshot.ts'
import type { TlsFacts } from '../../src/model/tls.ts'
import type { SightProtocol } from '../../src/model/vantage.ts'
import { createHostCache, type HostCache } from '../../src/probe/host-cache.ts'
import { mxTargets } from '../../src/probe/mx-targets.ts'
import type { Probe } from '../../src/probe/probe.ts'
import { childName, type DomainName } from '../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../src/protocol/ip-address.ts'
import { parseTlsrptRecord } from '../../src/protocol/tlsrpt/record.ts'
import { tlsFacts } from './certificates.ts'
import { type Segment, type Story, segmentsAt } from './story.ts'
import type { Instants, StoryDns } from './story-dns.ts'
import { fault, fetchFrom, type Outcome, sessionWith } from './story-hosts.ts'
import type { Weather } from './weather.ts'

type Place = { readonly machine: Machine; readonly segment: Segment } | 'private' | null

const PRIVATE = /^10\./

const NO_SECOND_SESSION = { outcome: 'skipped', because: 'nobody has TLSA records here' } as const

export class StoryProbe implements Probe {
  readonly #stories: ReadonlyMap<string, Story>
  readonly #dns: StoryDns
  readonly #weather: Weather
  readonly #instants: Instants
  readonly #newId: NewId
  readonly #hosts: HostCache
  /** Whose view of the world a shared host is looked up in. */
  readonly #askedFor = new Map<string, Story>()
  looks = 0

  constructor(
    stories: readonly Story[],
    world: { readonly dns: StoryDns; readonly weather: Weather; readonly instants: Instants },
    clock: Clock,
    newId: NewId,
  ) {
    this.#stories = new Map(stories.map((story) => [story.name, story]))
    this.#dns = world.dns
    this.#weather = world.weather
    this.#instants = world.instants
    this.#newId = newId
    this.#hosts = createHostCache(clock, async (name) => this.#mailHost(name))
  }

  async domain(domain: DomainName, maxHostAgeMs: number, signal: AbortSignal): Promise<Snapshot> {
    const story = this.#stories.get(domain)
    if (story === undefined) throw new Error(`nobody knows ${domain}`)
    this.looks += 1
    const tlsrptRecord = this.#dns.txt(story, `_smtp._tls.${domain}`)
    const mx = this.#dns.mx(story, domain)
    const hosts = mxTargets(domain, mx).map(async (target): Promise<MxHost> => {
      const skipped = { outcome: 'skipped', because: 'no host name' } as const
      if (target.target !== 'host')
        return { ...target, addresses: skipped, tlsa: skipped, tlsaBase: null, sessions: [], faces: [] }
      this.#askedFor.set(target.name, story)
      return { ...target, ...(await this.#hosts.get(target.name, maxHostAgeMs, signal)), faces: [] }
    })
    return {
      id: this.#newId('snap') as SnapshotId,
      domain,
      takenAt: this.#instants.clock(),
      stsRecord: this.#dns.txt(story, `_mta-sts.${domain}`),
      policyHost: this.#policyHost(story, domain),
      tlsrptRecord,
      ruaDomains: this.#ruaDomains(story, tlsrptRecord),
      mx,
      hosts: await Promise.all(hosts),
      zones: [],
    }
  }

  async zones(): Promise<Snapshot['zones']> {
    return []
  }

  async canary(protocol: SightProtocol, _name: DomainName): Promise<Observation<number | null>> {
    const told = { at: this.#instants.clock(), tookMs: 1 }
    const truth = this.#instants.truth()
    if (this.#weather.isLost('dns', truth)) return { outcome: 'failed', ...told, fault: fault('dns-timeout') }
    return protocol !== 'dns' && this.#weather.isLost(protocol, truth)
      ? { outcome: 'failed', ...told, fault: fault('connect-timeout') }
      : { outcome: 'seen', ...told, value: protocol === 'https' ? truth : null }
  }

  #policyHost(story: Story, domain: DomainName): PolicyHostLook {
    const name = childName('mta-sts', domain)
    const addresses = this.#dns.addresses(story, name)
    const records = addresses.outcome === 'seen' ? addresses.value.records : []
    return { name, addresses, fetches: records.map((address) => this.#fetch(story, name, address)) }
  }

  #fetch(story: Story, host: string, address: IpAddress): PolicyFetch {
    const place = this.#placeOf(story, host, address)
    const got =
      place === null || place === 'private' || this.#isCutOff('https', address)
        ? { tls: { fault: this.#connectFault(place) }, response: { skipped: 'no connection' } }
        : fetchFrom(place.machine, () => this.#tls(place, address))
    return { address, tls: this.#told(got.tls), response: this.#told(got.response) }
  }

  #mailHost(name: DomainName): Pick<MxHost, 'addresses' | 'tlsa' | 'tlsaBase' | 'sessions'> {
    const story = this.#askedFor.get(name)
    if (story === undefined) throw new Error(`nobody asked for ${name}`)
    const addresses = this.#dns.addresses(story, name)
    const records = addresses.outcome === 'seen' ? addresses.value.records : []
    return {
      addresses,
      tlsa: { outcome: 'skipped', because: 'the address answer is not validated by DNSSEC' },
      tlsaBase: null,
      sessions: records.map((address) => this.#session(story, name, address)),
    }
  }

  #session(story: Story, name: string, address: IpAddress): MxSession {
    const truth = this.#instants.truth()
    const place = this.#placeOf(story, name, address)
    if (place === null || place === 'private' || this.#isCutOff('smtp', address)) {
      return { address, smtp: this.#told({ fault: this.#connectFault(place) }), dane: NO_SECOND_SESSION }
    }
    if (this.#weather.isRestarting(name, truth)) {
      return { address, smtp: this.#told({ fault: fault('connect-refused') }), dane: NO_SECOND_SESSION }
    }
    if (this.#weather.isBusy(name, truth))
      return { address, smtp: this.#told({ fault: fault('greeting-4xx') }), dane: NO_SECOND_SESSION }
    return {
      address,
      smtp: this.#told(sessionWith(place.machine, () => this.#tls(place, address))),
      dane: NO_SECOND_SESSION,
    }
  }

  #isCutOff(protocol: SightProtocol, address: IpAddress): boolean {
    const truth = this.#instants.truth()
    return this.#weather.isLost(protocol, truth) || this.#weather.isWayBroken(address, truth)
  }

  #connectFault(place: Place) {
    return fault(place === 'private' ? 'address-denied' : 'connect-timeout')
  }

  /** The machine of that name at that address, in the newest world that has one. */
  #placeOf(story: Story, host: string, address: IpAddress): Place {
    if (PRIVATE.test(address)) return 'private'
    const { now, old } = segmentsAt(story, this.#instants.truth())
    for (const segment of old === null ? [now] : [now, old]) {
      const machines = segment.machines.get(address) ?? []
      const machine = machines.find((one) => one.host.name === host) ?? machines[0]
      if (machine !== undefined) return { machine, segment }
    }
    return null
  }

  #tls({ machine, segment }: Exclude<Place, string | null>, address: IpAddress): TlsFacts {
    return tlsFacts({
      host: machine.host.name,
      index: Math.max(0, machine.host.addresses.indexOf(address)),
      spec: machine.behaviour.certificate,
      since: segment.from,
      at: this.#instants.truth(),
      clockAt: this.#instants.clock(),
    })
  }

  #ruaDomains(story: Story, record: Snapshot['tlsrptRecord']): readonly RuaDomainLook[] {
    if (record.outcome !== 'seen') return []
    const uris = parseTlsrptRecord(record.value.records).value?.rua ?? []
    const names = new Set(
      uris.flatMap((uri) => ('mailDomain' in uri && uri.mailDomain ? [uri.mailDomain] : [])),
    )
    return [...names].map((name) => {
      const mx = this.#dns.mx(story, name)
      const moot = { outcome: 'skipped', because: 'there is an MX record' } as const
      return { name, mx, addresses: mx.outcome === 'absent' ? this.#dns.addresses(story, name) : moot }
    })
  }

  #told<T>(outcome: Outcome<T>): Observation<T> {
    if ('skipped' in outcome) return { outcome: 'skipped', because: outcome.skipped }
    const told = { at: this.#instants.clock(), tookMs: 1 }
    return 'value' in outcome
      ? { outcome: 'seen', ...told, value: outcome.value }
      : { outcome: 'failed', ...told, fault: outcome.fault }
  }
}
