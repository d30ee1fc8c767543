import type { SoaRecord } from '../../../src/model/dns.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type {
  NameServerLook,
  ServerAddressLook,
  ServerReply,
  ZoneLook,
  ZoneQuestion,
} from '../../../src/model/zone-look.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { answer, EXAMPLE, ip, MX1, NOW, seen } from './snapshot-builder.ts'

/** Looks at name servers for tests: what each says is a small edit of what all say. */

export const TLSA_NAME = `_25._tcp.${MX1}`

export interface ServerSays {
  readonly soa: Partial<SoaRecord>
  /** Instead of the SOA reply. */
  readonly instead: Observation<ServerReply> | null
  /** `name type` → records, or another observation. */
  readonly records: Readonly<Record<string, readonly string[] | Observation<ServerReply>>>
}

const ALL: Readonly<Record<string, readonly string[]>> = {
  [`_mta-sts.${EXAMPLE} TXT`]: ['v=STSv1; id=20261101T000000Z'],
  [`_smtp._tls.${EXAMPLE} TXT`]: ['v=TLSRPTv1; rua=mailto:tls-reports@reports.example'],
  [`${EXAMPLE} MX`]: ['10 mx1.example.com.', '20 mx2.example.com.'],
  [`${MX1} A`]: ['192.0.2.25', '192.0.2.26'],
  [`${TLSA_NAME} TLSA`]: ['3 1 1 aa'],
}

export function reply(records: readonly string[], edit: Partial<ServerReply> = {}): Observation<ServerReply> {
  return seen({
    rcode: 'NOERROR',
    authoritative: true,
    isReferral: false,
    records,
    ttlSeconds: 3_600,
    soa: null,
    ...edit,
  })
}

export function soaOf(edit: Partial<SoaRecord> = {}): SoaRecord {
  return {
    serial: 10,
    mname: 'ns1.example.com',
    refreshSeconds: 7_200,
    retrySeconds: 600,
    minimumSeconds: 300,
    ttlSeconds: 900,
    ...edit,
  }
}

function addressLook(address: string, says: Partial<ServerSays>): ServerAddressLook {
  const records = { ...ALL, ...says.records }
  return {
    address: ip(address),
    soa: says.instead ?? reply([], { soa: soaOf(says.soa) }),
    answers: Object.entries(records).map(([question, held]) => ({
      ...questionOf(question),
      reply: 'outcome' in held ? held : reply(held),
    })),
  }
}

function questionOf(text: string): ZoneQuestion {
  const [name = '', type = ''] = text.split(' ')
  return { name: name as DomainName, type: type as ZoneQuestion['type'] }
}

/** `ns1 192.0.2.53 2001:db8::53` → what its addresses say. */
export function server(
  name: string,
  addresses: readonly string[],
  ...says: readonly Partial<ServerSays>[]
): NameServerLook {
  return {
    name: `${name}.example.com` as DomainName,
    addresses: answer(addresses.map(ip)),
    asked: addresses.map((address, index) => addressLook(address, says[index] ?? says[0] ?? {})),
  }
}

export function zone(servers: readonly NameServerLook[], edit: Partial<ZoneLook> = {}): ZoneLook {
  return {
    name: EXAMPLE,
    takenAt: NOW,
    nameServers: answer(servers.map(({ name }) => name)),
    servers,
    ...edit,
  }
}

/** Three servers, one address each; the second says something else. */
export function odd(says: Partial<ServerSays>): ZoneLook {
  return zone([
    server('ns1', ['192.0.2.53']),
    server('ns2', ['198.51.100.53'], says),
    server('ns3', ['203.0.113.53']),
  ])
}
