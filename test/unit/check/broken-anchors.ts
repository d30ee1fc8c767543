import { sha256 } from '../../../src/lib/sha256.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { HostFace } from '../../../src/model/host-face.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { TlsFacts } from '../../../src/model/tls.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { BrokenDomain } from './broken.ts'
import { ADDRESS, face, facedHost, PORTS, shown } from './broken-faces.ts'
import {
  certificate,
  established,
  ip,
  MX1,
  MX2,
  mxHost,
  NOW,
  secured,
  sessionAt,
  tls,
  withMx1,
} from './snapshot-builder.ts'

/** The digests of what is called so. */
export const keyOf = (name: string) => sha256(`key of ${name}`)
export const wholeOf = (name: string) => sha256(`certificate of ${name}`)

/** The chain of a host from one of the authority's intermediates, issued so many days ago for ninety. */
export function by(issuer: string, fromDays = -30, host = MX1): TlsFacts {
  const subject = `CN=${issuer}, O=Example Trust`
  const leaf = certificate(host, {
    issuer: subject,
    sha256: wholeOf(`${host} by ${issuer}`),
    spkiSha256: keyOf(`${host} by ${issuer}`),
    notBeforeAt: NOW + fromDays * DAY_MS,
    notAfterAt: NOW + (fromDays + 90) * DAY_MS,
  })
  const intermediate = certificate(issuer, {
    subject,
    issuer: 'CN=Root, O=Example Trust',
    sha256: wholeOf(issuer),
    spkiSha256: keyOf(issuer),
    notBeforeAt: NOW - 900 * DAY_MS,
    notAfterAt: NOW + 900 * DAY_MS,
  })
  return { ...tls(host), chain: [leaf, intermediate] }
}

/** MX1 in a signed zone with these TLSA records. */
export function pinnedHost(
  records: readonly string[],
  at25: TlsFacts,
  ...faces: readonly HostFace[]
): MxHost {
  return {
    ...facedHost(at25, ...faces),
    addresses: secured([ip(ADDRESS)]),
    tlsa: secured(records),
    tlsaBase: MX1 as DomainName,
  }
}

export const R3 = `2 1 1 ${keyOf('R3')}`
export const R11 = `2 1 1 ${keyOf('R11')}`
/** The key that port 25 shows today. */
export const OWN = `3 1 1 ${keyOf(`${MX1} by R3`)}`
export const NEXT = `3 1 1 ${keyOf(`${MX1} by R11`)}`

/** Two hosts of one domain; the second has its certificate from this intermediate, since so many days. */
export function twoHosts(records: readonly string[], issuer: string, fromDays = -2): Snapshot {
  const second = mxHost(MX2, ['198.51.100.25'], {
    sessions: [sessionAt('198.51.100.25', established(by(issuer, fromDays, MX2)))],
  })
  const snapshot = withMx1(pinnedHost(records, by('R3')))
  return { ...snapshot, hosts: [...snapshot.hosts.slice(0, 1), second] }
}

export const BROKEN_ANCHORS: readonly BrokenDomain[] = [
  {
    name: 'the renewed certificate is from an intermediate that is not pinned',
    domain: PORTS,
    snapshot: withMx1(pinnedHost([R3], by('R3'), face(993, shown(by('R11', -2))))),
    findings: ['info dane.tlsa.partial', `warning dane.anchor.renewal-breaks ${MX1}`],
  },
  {
    name: 'another host was renewed by an intermediate that is not pinned',
    snapshot: twoHosts([R3], 'R11'),
    findings: ['info dane.tlsa.partial', `info dane.anchor.issuer-changing ${MX1}`],
  },
]
