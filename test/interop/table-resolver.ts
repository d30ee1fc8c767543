import type { DnsAnswer, Resolver } from '../../src/model/dns.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { type IpAddress, parseIpAddress } from '../../src/protocol/ip-address.ts'

/** What the names of a suite hold; everything else does not exist. */
export interface NameTable {
  readonly mx: Readonly<Record<string, string>>
  readonly addresses: Readonly<Record<string, readonly string[]>>
  readonly txt: Readonly<Record<string, string>>
}

/** A resolver that reads from a table, for suites whose matter is not the DNS. */
export function tableResolver(table: Partial<NameTable>): Resolver {
  const { mx = {}, addresses = {}, txt = {} } = table
  return {
    txt: async (name) => answer(txt, name, (text) => [text]),
    mx: async (name) => answer(mx, name, (exchange) => [{ preference: 10, exchange }]),
    addresses: async (name) => answer(addresses, name, (texts) => texts.map(toAddress)),
    tlsa: async (name) => answer({}, name, () => []),
    ns: async (name) => answer({}, name, () => []),
    zoneOf: async (name) => answer({}, name, () => []) as Observation<never>,
  }
}

function answer<V, T>(
  entries: Readonly<Record<string, V>>,
  name: DomainName,
  read: (value: V) => T,
): Observation<DnsAnswer<T>> {
  const told = { at: Date.now(), tookMs: 0 }
  const value = entries[name]
  if (value === undefined) return { outcome: 'absent', ...told, denial: 'nodata', security: 'insecure' }
  const records = {
    records: read(value),
    ttlSeconds: 300,
    security: 'insecure',
    cnames: [],
    signatures: null,
  } as const
  return { outcome: 'seen', ...told, value: records }
}

function toAddress(text: string): IpAddress {
  const address = parseIpAddress(text)
  if (address === null) throw new Error(`${text} is no address`)
  return address
}
