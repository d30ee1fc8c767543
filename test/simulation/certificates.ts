/** Certificates without keys: what a handshake would show of a lab certificate at an instant. */

import { CERTIFICATES, type CertificateSpec } from '../../src/lab/certificate-spec.ts'
import { sha256 } from '../../src/lib/sha256.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { CertificateFacts, TlsFacts } from '../../src/model/tls.ts'
import { share } from './weather.ts'

const LIVES_DAYS = [90, 47, 10, 6]
const GOOD = JSON.stringify(CERTIFICATES.good)
/** ACME clients look twice a day whether renewal is due. */
const RENEWAL_LATE_MS = 12 * HOUR_MS
/** The machines behind one name reload one after the other. */
const STAGGER_MS = 8 * MINUTE_MS

/** Where a certificate stands and when it is looked at; `since` is what a specification's days count from. */
export interface Showing {
  readonly host: string
  readonly index: number
  readonly spec: CertificateSpec
  readonly since: UnixMs
  readonly at: UnixMs
  /** What the looking machine takes for the time. */
  readonly clockAt: UnixMs
}

export function tlsFacts(showing: Showing): TlsFacts {
  const { spec, clockAt } = showing
  const leaf = leafOf(showing)
  return {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    chain:
      spec.chain === 'full' && spec.signer !== 'itself' ? [leaf, authority(leaf.issuer, showing.at)] : [leaf],
    webPkiError: complaint(spec, leaf, clockAt),
    linked: null,
  }
}

function complaint(spec: CertificateSpec, leaf: CertificateFacts, clockAt: UnixMs): string | null {
  if (spec.signer === 'itself') return 'DEPTH_ZERO_SELF_SIGNED_CERT'
  if (spec.chain === 'leaf-only') return 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  if (spec.signer === 'stranger') return 'SELF_SIGNED_CERT_IN_CHAIN'
  if (leaf.notAfterAt <= clockAt) return 'CERT_HAS_EXPIRED'
  return leaf.notBeforeAt > clockAt ? 'CERT_NOT_YET_VALID' : null
}

function leafOf(showing: Showing): CertificateFacts {
  const { host, spec, since } = showing
  const own = (name: string) => (name === '*' ? host : name)
  const isRenewed = JSON.stringify(spec) === GOOD
  const [notBeforeAt, notAfterAt] = isRenewed
    ? renewed(showing)
    : [since + spec.validFromDays * DAY_MS, since + spec.validToDays * DAY_MS]
  const subject = `CN=${own(spec.commonName)}`
  const print = sha256(`${host} ${JSON.stringify(spec)} ${notBeforeAt}`)
  return {
    subject,
    issuer: spec.signer === 'itself' ? subject : `CN=${spec.signer} Intermediate`,
    serialNumber: print.slice(0, 16),
    notBeforeAt,
    notAfterAt,
    dnsNames: spec.dnsNames.map(own),
    sha256: print,
    sha512: print,
    spkiSha256: sha256(`key ${print}`),
    spkiSha512: sha256(`key ${print}`),
    keyType: spec.key === 'rsa' ? 'rsa' : 'ec',
    keyBits: spec.key === 'rsa' ? 2048 : 256,
  }
}

/** The one in use: renewed with a third of its life left (half, when it is short), hours late at most. */
function renewed({ host, index, at }: Showing): readonly [UnixMs, UnixMs] {
  const life = (LIVES_DAYS[Math.floor(share(`${host} life`) * LIVES_DAYS.length)] ?? 90) * DAY_MS
  const every = life >= 10 * DAY_MS ? (life * 2) / 3 : life / 2
  const phase = share(`${host} phase`) * every
  const beginOf = (number: number) =>
    Math.floor(number * every + phase + share(`${host} renewal ${number}`) * RENEWAL_LATE_MS)
  const seenAt = at - index * STAGGER_MS
  const near = Math.floor((seenAt - phase) / every)
  const begin = beginOf(near) <= seenAt ? beginOf(near) : beginOf(near - 1)
  return [begin, begin + life]
}

function authority(name: string, at: UnixMs): CertificateFacts {
  return {
    subject: name,
    issuer: 'CN=lab Root',
    serialNumber: '01',
    notBeforeAt: at - 1_000 * DAY_MS,
    notAfterAt: at + 1_000 * DAY_MS,
    dnsNames: [],
    sha256: sha256(name),
    sha512: sha256(name),
    spkiSha256: sha256(`key ${name}`),
    spkiSha512: sha256(`key ${name}`),
    keyType: 'ec',
    keyBits: 256,
  }
}
