import type { WatchedDomain } from '../config/watch-config.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { KeyTrouble } from '../model/evidence/face-evidence.ts'
import type { Fault } from '../model/fault.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { Observation } from '../model/observation.ts'
import type { CertificateFacts, TlsFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import { forShare, type PolicyMode } from './severity.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

type Kind = 'policy-host' | 'mx'

/** Whose certificates, and how bad a bad one is. */
export interface CertificateCase {
  readonly kind: Kind
  readonly domain: WatchedDomain
  readonly host: string
  readonly mode: PolicyMode | null
  /** When every address presents a certificate that senders refuse. */
  readonly severity: Severity
  /** When it ends within three days, and within the other rungs. */
  readonly soon: Severity
  readonly later: Severity
  /** The host has a second certificate, with a key of the other type. */
  readonly hasBothKeyTypes: boolean
  readonly now: UnixMs
}

/** What one address of the host presented. */
export interface Presented {
  readonly address: IpAddress
  readonly look: Observation<TlsFacts>
  /** It has been out of reach for so long that it holds nothing open any more. */
  readonly isForgotten: boolean
}

type Trouble = 'expired' | 'missing-intermediate' | 'untrusted'

interface Leaf {
  readonly address: IpAddress
  readonly at: UnixMs
  readonly certificate: CertificateFacts
  /** The one certificate of the chain that has ended, when one has. */
  readonly ended: CertificateFacts | null
  readonly trouble: Trouble | null
  readonly reason: string
  readonly isNamed: boolean
}

const SOON_DAYS = 3
const ROLLOUT_MS = DAY_MS

export function certificateCodes(kind: Kind): readonly FindingCode[] {
  return [
    `${kind}.certificate.expired`,
    `${kind}.certificate.expiring`,
    `${kind}.certificate.name-mismatch`,
    `${kind}.certificate.untrusted`,
    `${kind}.certificate.missing-intermediate`,
    `${kind}.certificate.differs-by-address`,
  ]
}

/**
 * Chain, names and dates of what the addresses of a host presented (RFC 8461 §3.3, §4.2). An address that could not be
 * asked neither raises nor clears anything (reliability R34).
 */
export function checkCertificates(about: CertificateCase, presented: readonly Presented[]): Verdict {
  const leaves = presented.flatMap((one) => leafOf(about, one))
  const because =
    leaves.length === 0 ? firstFault(presented) : firstFault(presented.filter((p) => !p.isForgotten))
  const codes = certificateCodes(about.kind)
  const place = { domain: about.domain.name, subject: about.host }
  if (leaves.length === 0) return undecided(codes, place.domain, place.subject, because ?? NOT_ASKED)
  return together([
    chains(about, leaves),
    names(about, leaves),
    expiring(about, leaves),
    differences(about, leaves),
    because === null ? CLEAR : undecided(codes, place.domain, place.subject, because),
  ])
}

const NOT_ASKED = moot('no address was asked for its certificate')

/** What is wrong with one certificate by the same rules; empty: nothing. */
export function certificateTroubles(
  about: Pick<CertificateCase, 'domain' | 'host' | 'now'>,
  tls: TlsFacts,
): readonly KeyTrouble[] {
  const [leaf] = tls.chain
  if (leaf === undefined) return []
  const isPast = leaf.notAfterAt <= about.now || tls.webPkiError === 'CERT_HAS_EXPIRED'
  const chain = isPast ? 'expired' : chainTrouble(tls.chain, tls.webPkiError)
  const isEnding = !isPast && rungOf(leaf, about.domain.certificateWarningDays, about.now) !== null
  return [
    ...(chain === null ? [] : [chain]),
    ...(matchesDnsId(leaf.dnsNames, about.host) ? [] : (['name-mismatch'] as const)),
    ...(isEnding ? (['expiring'] as const) : []),
  ]
}

function firstFault(presented: readonly Presented[]): Fault | null {
  for (const { look } of presented) {
    // What was skipped is never looked at (too many addresses), like an address family that this machine lacks.
    if (look.outcome === 'failed' && look.fault.kind !== 'no-route') return look.fault
  }
  return null
}

function leafOf(about: CertificateCase, { address, look }: Presented): readonly Leaf[] {
  if (look.outcome !== 'seen') return []
  const { chain, webPkiError } = look.value
  const [certificate] = chain
  if (certificate === undefined) return []
  const past = chain.find((one) => one.notAfterAt <= about.now) ?? null
  const isLeafPast = certificate.notAfterAt <= about.now
  const isExpired = isLeafPast || webPkiError === 'CERT_HAS_EXPIRED'
  const trouble = isExpired ? 'expired' : chainTrouble(chain, webPkiError)
  return [
    {
      address,
      at: look.at,
      certificate,
      ended: isExpired ? (past ?? certificate) : null,
      trouble,
      reason: webPkiError ?? '',
      isNamed: matchesDnsId(certificate.dnsNames, about.host),
    },
  ]
}

function chainTrouble(chain: readonly CertificateFacts[], webPkiError: string | null): Trouble | null {
  if (webPkiError === null) return null
  const [leaf] = chain
  const isAlone = chain.length === 1 && leaf !== undefined && leaf.issuer !== leaf.subject
  const lacksIssuer =
    webPkiError === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ||
    webPkiError === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' ||
    webPkiError === 'UNABLE_TO_GET_ISSUER_CERT'
  return isAlone && lacksIssuer ? 'missing-intermediate' : 'untrusted'
}

/** One cause each: a chain that has ended is not also called untrusted. */
function chains(about: CertificateCase, leaves: readonly Leaf[]): Verdict {
  const troubles: readonly Trouble[] = ['expired', 'missing-intermediate', 'untrusted']
  const hit = (trouble: Trouble) => leaves.filter((leaf) => leaf.trouble === trouble)
  const told = troubles.filter((trouble) => hit(trouble).length > 0)
  return together(
    troubles.map((trouble) => {
      const affected = hit(trouble)
      const [worst] = soonestFirst(affected)
      if (worst === undefined) {
        // Behind the first complaint another one may hide.
        return told.length === 0
          ? CLEAR
          : undecided(
              [`${about.kind}.certificate.${trouble}`],
              about.domain.name,
              about.host,
              moot(`told as ${told[0]}`),
            )
      }
      const place = placeOf(about, affected)
      const severity = forShare(about.severity, affected.length, leaves.length)
      const evidence = { ...common(about, affected, leaves), certificate: worst.ended ?? worst.certificate }
      return trouble === 'untrusted'
        ? found(`${about.kind}.certificate.untrusted`, place, severity, { ...evidence, reason: worst.reason })
        : found(`${about.kind}.certificate.${trouble}`, place, severity, evidence)
    }),
  )
}

function names(about: CertificateCase, leaves: readonly Leaf[]): Verdict {
  const affected = leaves.filter((leaf) => !leaf.isNamed)
  const [first] = affected
  if (first === undefined) return CLEAR
  const severity = forShare(about.severity, affected.length, leaves.length)
  return found(`${about.kind}.certificate.name-mismatch`, placeOf(about, affected), severity, {
    ...common(about, affected, leaves),
    certificate: first.certificate,
  })
}

function expiring(about: CertificateCase, leaves: readonly Leaf[]): Verdict {
  const { now, domain } = about
  const code = `${about.kind}.certificate.expiring` as const
  const living = leaves.filter((leaf) => leaf.certificate.notAfterAt > now)
  const affected = soonestFirst(
    living.filter((leaf) => rungOf(leaf.certificate, domain.certificateWarningDays, now) !== null),
  )
  const [first] = affected
  if (first === undefined) {
    return living.length > 0
      ? CLEAR
      : undecided([code], domain.name, about.host, moot('the certificate has expired'))
  }
  const rungDays = rungOf(first.certificate, domain.certificateWarningDays, now) ?? 0
  const leftMs = first.certificate.notAfterAt - now
  const severity = leftMs <= SOON_DAYS * DAY_MS ? about.soon : about.later
  return found(code, placeOf(about, affected), forShare(severity, affected.length, leaves.length), {
    ...common(about, affected, leaves),
    certificate: first.certificate,
    daysLeft: Math.floor(leftMs / DAY_MS),
    rungDays,
  })
}

/**
 * The smallest rung reached; null before the first, and before the last quarter of the certificate's own life: clients
 * renew with a third left, some of them a day late, and that is no news.
 */
export function rungOf(
  certificate: CertificateFacts,
  rungsDays: readonly number[],
  now: UnixMs,
): number | null {
  const leftMs = certificate.notAfterAt - now
  const lifeMs = certificate.notAfterAt - certificate.notBeforeAt
  if (leftMs > lifeMs / 4) return null
  const reached = rungsDays.filter((rung) => leftMs <= rung * DAY_MS)
  return reached.length === 0 ? null : Math.min(...reached)
}

function differences(about: CertificateCase, leaves: readonly Leaf[]): Verdict {
  const prints = new Set(leaves.map((leaf) => leaf.certificate.sha256))
  if (prints.size < 2) return CLEAR
  // A renewal reaches the machines behind one name one after the other.
  const newestAt = Math.max(...leaves.map((leaf) => leaf.certificate.notBeforeAt))
  if (about.now - newestAt < ROLLOUT_MS) return CLEAR
  return found(`${about.kind}.certificate.differs-by-address`, placeOf(about, leaves), 'info', {
    host: about.host,
    variants: leaves.map(({ address, certificate }) => ({ address, detail: told(certificate) })),
  })
}

function told(certificate: CertificateFacts): string {
  const end = new Date(certificate.notAfterAt).toISOString().slice(0, 10)
  return `${certificate.keyType} certificate ${certificate.sha256.slice(0, 16)}, issuer ${certificate.issuer}, ends ${end}`
}

function common(about: CertificateCase, affected: readonly Leaf[], leaves: readonly Leaf[]) {
  return {
    host: about.host,
    addresses: affected.map((leaf) => leaf.address),
    of: leaves.length,
    mode: about.mode,
    hasBothKeyTypes: about.hasBothKeyTypes,
  }
}

function placeOf(about: CertificateCase, leaves: readonly Leaf[]): Place {
  return {
    domain: about.domain.name,
    subject: about.host,
    at: Math.max(...leaves.map((leaf) => leaf.at)),
  }
}

function soonestFirst(leaves: readonly Leaf[]): readonly Leaf[] {
  return leaves.toSorted((one, other) => one.certificate.notAfterAt - other.certificate.notAfterAt)
}
