import type { UnixMs } from '../lib/time.ts'
import type { ProbeSession, SessionFailure, SessionPolicy } from '../model/probe-session.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import { daneSessions } from './dane-sessions.ts'
import { daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { type Reached, reachedOf } from './mx-session.ts'
import { placeOf, startTlsFailures } from './session-failures.ts'
import { type AppliedSts, appliedSts } from './sts-applied.ts'

/**
 * The sessions of a look with the domain's mail hosts, as a sending MTA would count them (RFC 8460 §4). Only those made
 * after `since` (the look before): one that was made for another domain's look, or for an earlier one, is not counted
 * twice. A host that could not be reached, or would not speak to us, had no session. What could not be told is left out.
 */
export function probeSessions(facts: Facts, since: UnixMs): readonly ProbeSession[] {
  const sts = appliedSts(facts)
  return facts.snapshot.hosts.flatMap((host) => {
    const fresh = reachedOf(host, facts.vantage.smtp).filter(
      (reached) => reached.observedAt > since && hadSession(reached),
    )
    return [...daneSessions(facts, host, fresh), ...otherSessions(facts, host, { fresh, sts })]
  })
}

/** Held against the MTA-STS policy, or against none where DANE does not apply either (RFC 8460 §4: each policy on its own). */
function otherSessions(
  facts: Facts,
  host: MxHost,
  { fresh, sts }: { readonly fresh: readonly Reached[]; readonly sts: AppliedSts },
): readonly ProbeSession[] {
  if (sts.kind === 'undecided') return []
  if (sts.kind === 'sts') return fresh.map((reached) => stsSession(facts, host, reached, sts))
  const { kind } = daneView(facts, host)
  const isCovered = kind === 'authenticated' || kind === 'tls-only' || kind === 'failing'
  return isCovered ? [] : fresh.map((reached) => withoutPolicy(facts, host, reached))
}

function stsSession(
  facts: Facts,
  host: MxHost,
  reached: Reached,
  sts: AppliedSts & { readonly kind: 'sts' },
): ProbeSession {
  const failures = [
    ...sts.failures.map((failure) => ({ ...NOWHERE, ...failure })),
    ...(sts.isApplied ? stsFailures(facts, host, reached, sts.policy) : []),
  ]
  return { policy: sts.policy, failures }
}

function hadSession({ step }: Reached): boolean {
  return step.at === 'established' || step.at === 'starttls'
}

const NOWHERE = { sendingMtaIp: null, receivingMxHostname: null, receivingIp: null } as const

// RFC 8460 §4.4: a session to a domain that has no policy counts as well, and succeeds with any TLS.
function withoutPolicy(facts: Facts, host: MxHost, reached: Reached): ProbeSession {
  const policy: SessionPolicy = {
    policyType: 'no-policy-found',
    policyString: [],
    policyDomain: facts.snapshot.domain,
    mxHostPatterns: [],
  }
  return { policy, failures: startTlsFailures(host, reached) }
}

/** RFC 8461 §4: the host must be covered, offer STARTTLS and show a certificate that is valid for its name. */
function stsFailures(
  facts: Facts,
  host: MxHost,
  reached: Reached,
  policy: SessionPolicy,
): readonly SessionFailure[] {
  const at = placeOf(host, reached)
  const uncovered: readonly SessionFailure[] = coversMx(policy.mxHostPatterns, host.name)
    ? []
    : // RFC 8460 §4.3 has no result type of its own for this.
      [{ ...at, resultType: 'validation-failure', reasonCode: 'mx-not-in-policy' }]
  const { step } = reached
  const certificate = step.at === 'established' ? certificateFailures(step.tls, host.name, facts.now) : []
  return [
    ...uncovered,
    ...startTlsFailures(host, reached),
    ...certificate.map((failure) => ({ ...at, ...failure })),
  ]
}

/** RFC 8460 §4.3.1 */
function certificateFailures(
  { chain, webPkiError }: TlsFacts,
  name: string,
  now: UnixMs,
): readonly Pick<SessionFailure, 'resultType' | 'reasonCode'>[] {
  const isExpired = webPkiError === 'CERT_HAS_EXPIRED' || chain.some(({ notAfterAt }) => notAfterAt <= now)
  const isNamed = matchesDnsId(chain[0]?.dnsNames ?? [], name)
  return [
    ...(isExpired ? [{ resultType: 'certificate-expired', reasonCode: null } as const] : []),
    ...(isNamed ? [] : [{ resultType: 'certificate-host-mismatch', reasonCode: null } as const]),
    ...(webPkiError === null || isExpired
      ? []
      : [{ resultType: 'certificate-not-trusted', reasonCode: webPkiError } as const]),
  ]
}
