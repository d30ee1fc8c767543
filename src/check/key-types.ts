import type { KeyTrouble } from '../model/evidence/face-evidence.ts'
import type { Severity } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { certificateTroubles } from './certificate.ts'
import { missingRecord } from './dane-anchors.ts'
import { type Shown, SOON_MS } from './faces-shown.ts'
import type { Facts } from './facts.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, type Verdict } from './verdict.ts'

interface BadKey {
  readonly bad: Shown
  readonly right: CertificateFacts
  readonly trouble: KeyTrouble
  readonly publish: string | null
}

/** The second certificate where it is bad and the ordinary one is right; a bad ordinary one is told by the usual codes. */
export function checkKeyTypes(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
  const about = { domain: facts.domain, host: host.name, now: facts.now }
  const bad = at25.flatMap((second): readonly BadKey[] => {
    const ordinary = at25.find((one) => one.address === second.address && !one.isSecond)
    if (!second.isSecond || ordinary === undefined) return []
    const publish = missingRecord(facts, host, second.tls.chain)
    const [trouble] = [
      ...(publish === null ? [] : (['tlsa-mismatch'] as const)),
      ...certificateTroubles(about, second.tls),
    ]
    const isRight = certificateTroubles(about, ordinary.tls).length === 0
    return trouble !== undefined && isRight ? [{ bad: second, right: ordinary.leaf, trouble, publish }] : []
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
      publish: first.trouble === 'tlsa-mismatch' ? first.publish : null,
      tlsaBase: host.tlsaBase,
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
