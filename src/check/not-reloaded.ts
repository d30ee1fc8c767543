import { DAY_MS } from '../lib/time.ts'
import type { StaleCertificate } from '../model/evidence/face-evidence.ts'
import type { MxHost } from '../model/snapshot.ts'
import { publishFirst } from './dane-anchors.ts'
import { type NamedFace, namedFaces, type Shown, SOON_MS } from './faces-shown.ts'
import type { Facts } from './facts.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, moot, type Verdict } from './verdict.ts'

/** A renewal reaches the services of a machine one after the other. */
const ROLLOUT_MS = DAY_MS

/** Does port 25 still show what another port of the same address has replaced: renewed, but not reloaded? */
export function checkNotReloaded(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
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
      publishFirst: publishFirst(facts, host),
      tlsaBase: host.tlsaBase,
    },
  )
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
