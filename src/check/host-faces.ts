import { DAY_MS } from '../lib/time.ts'
import type { KeyTrouble, StaleCertificate } from '../model/evidence/face-evidence.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { HostFace, OtherPort } from '../model/host-face.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import { certificateTroubles } from './certificate.ts'
import { isUnpinnedBeside, recordFor, unpinnedRenewal } from './dane-anchors.ts'
import type { Facts } from './facts.ts'
import { faultOf, isForgotten } from './fault-class.ts'
import { reachedOf } from './mx-session.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const PORT_CODES: readonly FindingCode[] = ['mx.certificate.not-reloaded', 'mx.face.certificate-expired']
const KEY_CODES: readonly FindingCode[] = ['mx.certificate.key-types-differ']

/** What other ports, and the second certificate of port 25, tell of a host; nothing where the domain did not ask. */
export function checkHostFaces(facts: Facts): Verdict {
  const { otherPorts, bothKeyTypes } = facts.domain
  const codes = [...(otherPorts.length > 0 ? PORT_CODES : []), ...(bothKeyTypes ? KEY_CODES : [])]
  if (codes.length === 0) return CLEAR
  const { mx, domain, hosts } = facts.snapshot
  const because = faultOf(mx)
  if (because !== null) return undecided(codes, domain, 'any', because)
  return together(
    hosts.map((host) => {
      const fault = faultOf(host.addresses)
      if (fault !== null) return undecided(codes, domain, host.name, fault)
      const at25 = shownAt25(facts, host)
      return together([
        otherPorts.length > 0 ? notReloaded(facts, host, at25) : CLEAR,
        otherPorts.length > 0 ? expiredFaces(facts, host, at25) : CLEAR,
        bothKeyTypes ? keyTypes(facts, host, at25) : CLEAR,
        openQuestions(facts, host, at25, codes),
      ])
    }),
  )
}

/** Does this face show a second certificate of port 25? */
export function isSecondCertificate({ port, look }: HostFace): boolean {
  return port === 25 && look.outcome === 'seen' && look.value.outcome === 'shown'
}

/** Why a certificate comes to its end is told once: who only has to reload is not told to renew. */
export function withoutEnding({ findings, undecided: open }: Verdict): Verdict {
  const reload = new Set(
    findings.flatMap((one) => (one.code === 'mx.certificate.not-reloaded' ? [one.subject] : [])),
  )
  const isTold = (one: Verdict['findings'][number]) =>
    one.code === 'mx.certificate.expiring' && reload.has(one.subject)
  const because = moot('told as mx.certificate.not-reloaded')
  return {
    findings: findings.filter((one) => !isTold(one)),
    undecided: [
      ...open,
      ...findings.filter(isTold).map(({ code, subject, domain }) => ({ code, subject, domain, because })),
    ],
  }
}

/** One certificate that port 25 shows at an address. */
interface Shown {
  readonly address: IpAddress
  readonly at: number
  readonly tls: TlsFacts
  readonly leaf: CertificateFacts
  /** The one for the key type that the ordinary session did not show. */
  readonly isSecond: boolean
}

function shownAt25(facts: Facts, host: MxHost): readonly Shown[] {
  const ordinary = reachedOf(host, facts.vantage.smtp).flatMap(({ address, observedAt, step }) =>
    step.at === 'established' ? [{ address, at: observedAt, tls: step.tls, isSecond: false }] : [],
  )
  const second = facesAt(host, (port) => port === 25).map((face) => ({ ...face, isSecond: true }))
  return [...ordinary, ...second].flatMap((one) => {
    const [leaf] = one.tls.chain
    return leaf === undefined ? [] : [{ ...one, leaf }]
  })
}

function facesAt(host: MxHost, isWanted: (port: HostFace['port']) => boolean) {
  return host.faces.flatMap(({ address, port, look }) =>
    isWanted(port) && look.outcome === 'seen' && look.value.outcome === 'shown'
      ? [{ address, port, at: look.at, tls: look.value.tls }]
      : [],
  )
}

interface NamedFace {
  readonly address: IpAddress
  readonly port: OtherPort
  readonly at: number
  readonly leaf: CertificateFacts
}

/** Whatever else runs at the address is none of our business: only what names the MX host counts. */
function namedFaces(host: MxHost): readonly NamedFace[] {
  return facesAt(host, (port) => port !== 25).flatMap(({ address, port, at, tls }) => {
    const [leaf] = tls.chain
    return port !== 25 && leaf !== undefined && matchesDnsId(leaf.dnsNames, host.name)
      ? [{ address, port, at, leaf }]
      : []
  })
}

const SOON_MS = 3 * DAY_MS
/** A renewal reaches the services of a machine one after the other. */
const ROLLOUT_MS = DAY_MS

function notReloaded(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
  const faces = namedFaces(host)
  const pairs = at25.flatMap((shown) => {
    const renewed = newest(faces.filter((face) => replaces(face, shown, at25, facts.now)))
    return renewed === null ? [] : [{ shown, renewed }]
  })
  const stale = onePerAddress(
    pairs.map(({ shown: { address, leaf: old }, renewed: { port, leaf: renewed } }) => ({
      address,
      port,
      old,
      renewed,
    })),
  )
  const [first] = stale
  if (first === undefined) return CLEAR
  const isSoon = first.old.notAfterAt - facts.now <= SOON_MS
  const severity = byMode(facts.modeInForce, isSoon ? 'critical' : 'warning', 'warning', 'warning')
  const of = new Set(at25.map(({ address }) => address)).size
  const at = Math.max(...pairs.flatMap(({ shown, renewed }) => [shown.at, renewed.at]))
  return found(
    'mx.certificate.not-reloaded',
    { domain: facts.snapshot.domain, subject: host.name, at },
    forShare(severity, stale.length, of),
    {
      host: host.name,
      stale,
      of,
      mode: facts.modeInForce,
      publishFirst: facts.domain.dane === 'ignore' ? null : publishFirst(host),
    },
  )
}

/** Reloading would break DANE while no TLSA record matches what would then be shown. */
function publishFirst(host: MxHost): string | null {
  const next = unpinnedRenewal(host)
  return next === null ? null : recordFor(host, next)
}

/**
 * Is this the renewed form of what port 25 shows: for the same names and key type, younger, ending later? As long as the
 * older one has more than a third of its life before it, two services may just have certificates of their own.
 */
function replaces(face: NamedFace, shown: Shown, at25: readonly Shown[], now: number): boolean {
  const [old, renewed] = [shown.leaf, face.leaf]
  const lifeMs = old.notAfterAt - old.notBeforeAt
  return (
    face.address === shown.address &&
    !at25.some((one) => one.address === face.address && one.leaf.sha256 === renewed.sha256) &&
    renewed.keyType === old.keyType &&
    old.dnsNames.every((name) => renewed.dnsNames.includes(name)) &&
    renewed.notBeforeAt > old.notBeforeAt &&
    renewed.notAfterAt > old.notAfterAt &&
    old.notAfterAt - now <= lifeMs / 3 &&
    now - renewed.notBeforeAt >= Math.min(ROLLOUT_MS, lifeMs / 12)
  )
}

function newest(faces: readonly NamedFace[]): NamedFace | null {
  return faces.toSorted((one, other) => other.leaf.notAfterAt - one.leaf.notAfterAt)[0] ?? null
}

function onePerAddress(stale: readonly StaleCertificate[]): readonly StaleCertificate[] {
  const sorted = stale.toSorted((one, other) => one.old.notAfterAt - other.old.notAfterAt)
  return sorted.filter((one, index) => sorted.findIndex((other) => other.address === one.address) === index)
}

function expiredFaces(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
  // What port 25 shows as well is told as that.
  const own = new Set(at25.map(({ leaf }) => leaf.sha256))
  const expired = namedFaces(host).filter(({ leaf }) => leaf.notAfterAt <= facts.now && !own.has(leaf.sha256))
  if (expired.length === 0) return CLEAR
  const at = Math.max(...expired.map((face) => face.at))
  const faces = expired.map(({ address, port, leaf: certificate }) => ({ address, port, certificate }))
  return found(
    'mx.face.certificate-expired',
    { domain: facts.snapshot.domain, subject: host.name, at },
    'warning',
    { host: host.name, faces },
  )
}

interface BadKey {
  readonly bad: Shown
  readonly right: CertificateFacts
  readonly trouble: KeyTrouble
}

/** The second certificate where it is bad and the ordinary one is right; a bad ordinary one is told by the usual codes. */
function keyTypes(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
  const about = { domain: facts.domain, host: host.name, now: facts.now }
  const bad = at25.flatMap((second): readonly BadKey[] => {
    const ordinary = at25.find((one) => one.address === second.address && !one.isSecond)
    if (!second.isSecond || ordinary === undefined) return []
    const isUnpinned = facts.domain.dane !== 'ignore' && isUnpinnedBeside(host, second.tls.chain)
    const [trouble] = [
      ...(isUnpinned ? (['tlsa-mismatch'] as const) : []),
      ...certificateTroubles(about, second.tls),
    ]
    const isRight = certificateTroubles(about, ordinary.tls).length === 0
    return trouble !== undefined && isRight ? [{ bad: second, right: ordinary.leaf, trouble }] : []
  })
  const [first] = bad.toSorted((one, other) => RANK.indexOf(one.trouble) - RANK.indexOf(other.trouble))
  if (first === undefined) return CLEAR
  const same = bad.filter(({ trouble }) => trouble === first.trouble)
  return found(
    'mx.certificate.key-types-differ',
    {
      domain: facts.snapshot.domain,
      subject: host.name,
      at: Math.max(...same.map((one) => one.bad.at)),
    },
    keySeverity(facts, first),
    {
      host: host.name,
      addresses: same.map((one) => one.bad.address),
      of: at25.filter(({ isSecond }) => isSecond).length,
      trouble: first.trouble,
      certificate: first.bad.leaf,
      right: first.right,
      publish: first.trouble === 'tlsa-mismatch' ? `3 1 1 ${first.bad.leaf.spkiSha256}` : null,
      mode: facts.modeInForce,
    },
  )
}

const RANK: readonly KeyTrouble[] = [
  'tlsa-mismatch',
  'expired',
  'name-mismatch',
  'missing-intermediate',
  'untrusted',
  'expiring',
]

/** Only senders that cannot, or prefer not to, take the other key type meet it. */
function keySeverity(facts: Facts, { trouble, bad }: BadKey): Severity {
  // Senders that use DANE ask for no policy.
  if (trouble === 'tlsa-mismatch') return forShare('critical', 1, 2)
  const isLater = trouble === 'expiring' && bad.leaf.notAfterAt - facts.now > SOON_MS
  const severity = byMode(facts.modeInForce, isLater ? 'warning' : 'critical', 'warning', 'info')
  return forShare(severity, 1, 2)
}

/** What did not answer this time holds what it said before open, for a day. */
function openQuestions(
  facts: Facts,
  host: MxHost,
  at25: readonly Shown[],
  codes: readonly FindingCode[],
): Verdict {
  const { domain } = facts.snapshot
  const earlier = facts.before?.hosts.find(({ name }) => name === host.name)
  const silent25 = host.sessions.some(
    ({ address }) =>
      !at25.some((one) => one.address === address && !one.isSecond) &&
      !isForgotten(earlier?.sessions.find((one) => one.address === address)?.smtp, facts.now),
  )
  if (silent25) return undecided(codes, domain, host.name, moot('port 25 showed no certificate this time'))
  const silent = host.faces.filter(
    (face) => face.look.outcome === 'failed' && !isForgotten(earlierLook(earlier, face), facts.now),
  )
  const because = moot('a port did not answer this time')
  return together([
    silent.some(({ port }) => port !== 25) ? undecided(PORT_CODES, domain, host.name, because) : CLEAR,
    silent.some(({ port }) => port === 25) ? undecided(KEY_CODES, domain, host.name, because) : CLEAR,
  ])
}

function earlierLook(earlier: MxHost | undefined, face: HostFace): HostFace['look'] | undefined {
  return earlier?.faces.find(
    ({ address, port, keys }) => address === face.address && port === face.port && keys === face.keys,
  )?.look
}
