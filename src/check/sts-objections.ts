import type { StsObjection } from '../model/evidence/dane-evidence.ts'
import type { TlsFacts } from '../model/tls.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import type { Facts } from './facts.ts'

/**
 * What a sender that honours MTA-STS holds against a host that shows this chain (RFC 8461 §4); empty: nothing. Null: no policy
 * is in force, or its text is not known.
 */
export function stsObjections(facts: Facts, host: string, tls: TlsFacts): readonly StsObjection[] | null {
  const { modeInForce, served, held, now } = facts
  if (modeInForce === null || modeInForce === 'none') return null
  const policy = [served?.policy ?? null, ...held].find((one) => one?.mode === modeInForce)
  if (!policy) return null
  const [leaf] = tls.chain
  const isPast = tls.webPkiError === 'CERT_HAS_EXPIRED' || (leaf !== undefined && leaf.notAfterAt <= now)
  return [
    ...(coversMx(policy.mxPatterns, host) ? [] : (['not-in-policy'] as const)),
    ...(matchesDnsId(leaf?.dnsNames ?? [], host) ? [] : (['name'] as const)),
    ...(isPast ? (['expired'] as const) : []),
    ...(tls.webPkiError === null || isPast ? [] : (['untrusted'] as const)),
  ]
}
