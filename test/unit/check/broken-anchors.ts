import { DAY_MS } from '../../../src/lib/time.ts'
import type { HostFace } from '../../../src/model/host-face.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { TlsFacts } from '../../../src/model/tls.ts'
import type { BrokenDomain } from './broken.ts'
import { face, facedHost, PORTS, shown } from './broken-faces.ts'
import {
  answer,
  certificate,
  established,
  MX1,
  MX2,
  mxHost,
  NOW,
  sessionAt,
  tls,
  withMx1,
} from './snapshot-builder.ts'

/** A chain of MX1 from one of the authority's intermediates. */
export function signedBy(issuer: string, fromDays = -30, host = MX1): TlsFacts {
  const leaf = {
    issuer: `CN=${issuer}, O=Example Trust`,
    sha256: `${host} by ${issuer}`,
    spkiSha256: `key of ${host} by ${issuer}`,
    notBeforeAt: NOW + fromDays * DAY_MS,
    notAfterAt: NOW + (fromDays + 90) * DAY_MS,
  }
  const intermediate = certificate(issuer, {
    subject: `CN=${issuer}, O=Example Trust`,
    issuer: 'CN=Root, O=Example Trust',
    sha256: `certificate ${issuer}`,
    spkiSha256: `key ${issuer}`,
  })
  return { ...tls(host), chain: [{ ...tls(host).chain[0], ...leaf } as never, intermediate] }
}

/** Data without blanks, as in a stored record. */
export const data = (text: string) => text.replaceAll(' ', '-')

function unblanked(facts: TlsFacts): TlsFacts {
  const chain = facts.chain.map((one) => ({
    ...one,
    sha256: data(one.sha256).toLowerCase(),
    spkiSha256: data(one.spkiSha256).toLowerCase(),
  }))
  return { ...facts, chain }
}

export const by = (issuer: string, fromDays = -30, host = MX1) => unblanked(signedBy(issuer, fromDays, host))

export function secured(records: readonly string[]): MxHost['tlsa'] {
  const seen = answer(records)
  return { ...seen, value: { ...seen.value, security: 'secure' } }
}

export function pinnedHost(
  records: readonly string[],
  at25: TlsFacts,
  ...faces: readonly HostFace[]
): MxHost {
  return { ...facedHost(at25, ...faces), tlsa: secured(records) }
}

export const R3 = '2 1 1 key-r3'

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
    findings: [`warning dane.anchor.renewal-breaks ${MX1}`],
  },
  {
    name: 'another host was renewed by an intermediate that is not pinned',
    snapshot: twoHosts([R3], 'R11'),
    findings: [`info dane.anchor.issuer-changing ${MX1}`],
  },
]
