import { sha256 } from '../../../src/lib/sha256.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { ZoneLook } from '../../../src/model/zone-look.ts'
import type { BrokenDomain } from './broken.ts'
import { withTlsa } from './broken-dane.ts'
import { EXAMPLE, failed, fault, healthy, MX1, secured } from './snapshot-builder.ts'
import { odd, reply, type ServerSays, server, TLSA_NAME, zone } from './zone-builder.ts'

const STS = `_mta-sts.${EXAMPLE} TXT`
const MX = `${EXAMPLE} MX`
const TLSA = `${TLSA_NAME} TLSA`
const OLD_STS = { [STS]: ['v=STSv1; id=2025'] }
const NS2 = 'ns2.example.com'

function looked(...zones: readonly ZoneLook[]): Snapshot {
  return healthy({ zones })
}

const SILENT = failed('dns-timeout')
const RIGHT = `3 1 1 ${sha256('key of leaf')}`
const WRONG = `3 1 1 ${sha256('key of another')}`

/** A host that DANE senders verify by the right record. */
function verified(...zones: readonly ZoneLook[]): Snapshot {
  return withTlsa(secured([RIGHT]), undefined, { zones })
}

/** Two servers, the first of which gives the right records, the second others. */
function withTlsaAt(
  ns1: readonly string[] | typeof SILENT,
  ns2: readonly string[] | typeof SILENT,
): Snapshot {
  return verified(
    zone([
      server('ns1', ['192.0.2.53'], { records: { [TLSA]: ns1 } }),
      server('ns2', ['198.51.100.53'], { soa: { serial: 9 }, records: { [TLSA]: ns2 } }),
    ]),
  )
}

function oddOne(name: string, says: Partial<ServerSays>, ...findings: readonly string[]): BrokenDomain {
  return { name, snapshot: looked(odd(says)), findings }
}

const REFUSED = reply([], { rcode: 'REFUSED', authoritative: false })

/** Single authoritative servers. */
export const BROKEN_SERVERS: readonly BrokenDomain[] = [
  oddOne('all name servers agree', {}),
  oddOne('an older serial, the same records', { soa: { serial: 9 } }, `info dns.server.stale ${NS2}`),
  oddOne(
    'an older serial around the end of the numbers (RFC 1982)',
    { soa: { serial: 4_294_967_295 } },
    `info dns.server.stale ${NS2}`,
  ),
  oddOne('other serials of another primary', { soa: { serial: 2_026_112_301, mname: 'a.other.example' } }),
  oddOne(
    'an old MTA-STS record',
    { soa: { serial: 9 }, records: OLD_STS },
    `warning dns.server.stale ${NS2}`,
  ),
  oddOne('a lie with the same serial', { records: OLD_STS }, `warning dns.server.stale ${NS2}`),
  oddOne(
    'an MX that the policy does not cover',
    { soa: { serial: 9 }, records: { [MX]: ['10 old.example.com.'] } },
    `critical dns.server.stale ${NS2}`,
  ),
  oddOne(
    'a lost MX, the others being covered',
    { soa: { serial: 9 }, records: { [MX]: ['10 mx1.example.com.'] } },
    `warning dns.server.stale ${NS2}`,
  ),
  oddOne('other addresses, on purpose', { records: { [`${MX1} A`]: ['192.0.2.99'] } }),
  oddOne(
    'other addresses with an older serial',
    { soa: { serial: 9 }, records: { [`${MX1} A`]: ['192.0.2.99'] } },
    `warning dns.server.stale ${NS2}`,
  ),
  oddOne(
    'other TLSA records of a host without DNSSEC',
    { records: { [TLSA]: ['3 1 1 bb'] } },
    `warning dns.server.stale ${NS2}`,
  ),
  {
    name: 'other TLSA records of a host that DANE senders verify',
    snapshot: withTlsaAt([RIGHT], [WRONG]),
    findings: [`critical dns.server.stale ${NS2}`],
  },
  {
    name: 'a TLSA record less, the one that matches being there',
    snapshot: withTlsaAt([RIGHT, WRONG], [RIGHT]),
    findings: [`warning dns.server.stale ${NS2}`],
  },
  {
    name: 'no TLSA record at a server that is behind',
    snapshot: withTlsaAt([RIGHT], []),
    findings: [`warning dns.server.stale ${NS2}`],
  },
  {
    name: 'two servers, of which the newer serial is right',
    snapshot: looked(
      zone([
        server('ns1', ['192.0.2.53'], { soa: { serial: 9 }, records: OLD_STS }),
        server('ns2', ['198.51.100.53']),
      ]),
    ),
    findings: ['warning dns.server.stale ns1.example.com'],
  },
  {
    name: 'two servers with the same serial: the resolvers say which is odd',
    snapshot: looked(
      zone([server('ns1', ['192.0.2.53'], { records: OLD_STS }), server('ns2', ['198.51.100.53'])]),
    ),
    findings: ['warning dns.server.stale ns1.example.com'],
  },
  ...(['dns-timeout', 'dns-malformed', 'dns-unreachable'] as const).map((kind) =>
    oddOne(
      `a silent server (${kind})`,
      { instead: { ...failed(kind), fault: { ...fault(kind), blame: 'path' } } },
      `warning dns.server.mute ${NS2}`,
    ),
  ),
  oddOne(
    'a server with a private address',
    { instead: failed('address-denied') },
    `warning dns.server.mute ${NS2}`,
  ),
  {
    name: 'one of two addresses is silent',
    snapshot: looked(
      zone([
        server('ns1', ['192.0.2.53', '192.0.2.54'], {}, { instead: SILENT }),
        server('ns2', ['198.51.100.53']),
      ]),
    ),
    findings: ['info dns.server.mute ns1.example.com'],
  },
  {
    name: 'a name server without address',
    snapshot: looked(zone([server('ns1', ['192.0.2.53']), server('ns2', [])])),
    findings: [`warning dns.server.mute ${NS2}`],
  },
  oddOne('a server that refuses', { instead: REFUSED }, `warning dns.server.lame ${NS2}`),
  oddOne(
    'a server that is not in charge',
    { instead: reply([], { authoritative: false }) },
    `warning dns.server.lame ${NS2}`,
  ),
  oddOne(
    'a server that refers to others',
    { instead: reply([], { authoritative: false, isReferral: true }) },
    `warning dns.server.lame ${NS2}`,
  ),
  oddOne('a server that drops TLSA', { records: { [TLSA]: SILENT } }, `warning dns.server.drops-type ${NS2}`),
  oddOne(
    'a server that fails on TLSA',
    { records: { [TLSA]: reply([], { rcode: 'SERVFAIL', authoritative: false }) } },
    `warning dns.server.drops-type ${NS2}`,
  ),
  {
    name: 'no server answers for TLSA, and DANE senders ask',
    snapshot: withTlsaAt(SILENT, SILENT),
    findings: [
      'critical dns.server.drops-type ns1.example.com',
      `critical dns.server.drops-type ${NS2}`,
      `info dns.server.stale ${NS2}`,
    ],
  },
]
