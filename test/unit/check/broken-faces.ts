import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { FaceAnswer, HostFace, KeyChoice } from '../../../src/model/host-face.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../../../src/model/tls.ts'
import type { BrokenDomain } from './broken.ts'
import { established, ip, MX1, mxHost, NOW, seen, sessionAt, tls, withMx1 } from './snapshot-builder.ts'

export const ADDRESS = '192.0.2.25'
const DAYS = (from: number, to: number): Partial<CertificateFacts> => ({
  notBeforeAt: NOW + from * DAY_MS,
  notAfterAt: NOW + to * DAY_MS,
})

/** What port 25 shows, and its renewed form. */
export const old = (to: number, edit: Partial<CertificateFacts> = {}) =>
  tls(MX1, { ...DAYS(to - 90, to), sha256: 'old', ...edit })
export const renewed = (from = -2, edit: Partial<CertificateFacts> = {}) =>
  tls(MX1, { ...DAYS(from, from + 90), sha256: 'renewed', serialNumber: '0b', ...edit })
export const rsa = (edit: Partial<CertificateFacts> = {}, error: string | null = null) =>
  tls(MX1, { keyType: 'rsa', keyBits: 2048, sha256: 'rsa', ...edit }, error)

export function shown(facts: TlsFacts): FaceAnswer {
  return { outcome: 'shown', tls: facts }
}

export function face(port: HostFace['port'], answer: FaceAnswer, keys: KeyChoice = 'any'): HostFace {
  return { address: ip(ADDRESS), port, keys, look: seen(answer) }
}

/** MX1 at one address with this on port 25 and these other faces. */
export function faced(at25: TlsFacts, ...faces: readonly HostFace[]): Snapshot {
  return withMx1(facedHost(at25, ...faces))
}

export function facedHost(at25: TlsFacts, ...faces: readonly HostFace[]): MxHost {
  return mxHost(MX1, [ADDRESS], { sessions: [sessionAt(ADDRESS, established(at25))], faces })
}

export const PORTS = { otherPorts: [465, 587, 993, 443] } as const
export const KEYS = { bothKeyTypes: true }

export const BROKEN_FACES: readonly BrokenDomain[] = [
  {
    name: 'renewed on port 993, not reloaded on port 25',
    domain: PORTS,
    snapshot: faced(old(29), face(993, shown(renewed()))),
    findings: [`warning mx.certificate.not-reloaded ${MX1}`],
  },
  {
    name: 'not reloaded, three days before the end: told once, with what to do',
    domain: PORTS,
    snapshot: faced(old(3), face(465, shown(renewed()))),
    findings: [`critical mx.certificate.not-reloaded ${MX1}`],
  },
  {
    name: 'the second certificate has expired',
    domain: KEYS,
    snapshot: faced(old(60), face(25, shown(rsa({ notAfterAt: NOW - HOUR_MS }, 'CERT_HAS_EXPIRED')), 'rsa')),
    findings: [`warning mx.certificate.key-types-differ ${MX1}`],
  },
  {
    name: 'the certificate of another port has expired',
    domain: PORTS,
    snapshot: faced(old(60), face(993, shown(renewed(-91)))),
    findings: [`warning mx.face.certificate-expired ${MX1}`],
  },
]
