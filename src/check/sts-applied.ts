import type { PolicyVersion } from '../model/policy-version.ts'
import type { SessionFailure, SessionPolicy } from '../model/probe-session.ts'
import type { KnownResultType } from '../protocol/tlsrpt/result-type.ts'
import type { Facts } from './facts.ts'
import type { ServedPolicy } from './served-policy.ts'

/** Which MTA-STS policy a sender that looked when we did would hold the sessions against (RFC 8461 §3, §5.1). */
export type AppliedSts =
  | { readonly kind: 'none' }
  | { readonly kind: 'undecided' }
  | {
      readonly kind: 'sts'
      readonly policy: SessionPolicy
      /** False: the policy could not be had, so nothing is held against it. */
      readonly isApplied: boolean
      /** What kept the policy from being fetched: a failure of every session (RFC 8460 §4.3.2.2). */
      readonly failures: readonly Pick<SessionFailure, 'resultType' | 'reasonCode'>[]
    }

export function appliedSts(facts: Facts): AppliedSts {
  const { record, served, held } = facts
  if (record.state === 'undecided') return heldOr(facts, { kind: 'undecided' })
  // RFC 8461 §3.1: without exactly one valid record nobody fetches; a copy is applied until it ends.
  if (record.state !== 'valid') return heldOr(facts, { kind: 'none' })
  if (served === null) return policyless(facts, 'sts-policy-fetch-error', 'no address')
  if (served.policy !== null) {
    const [text] = served.texts
    return served.policy.mode === 'none'
      ? { kind: 'none' }
      : applied(facts, linesOf(text?.body ?? ''), served.policy.mxPatterns, [])
  }
  if (served.unknown !== null && served.failures.length === 0) return heldOr(facts, { kind: 'undecided' })
  const failure = fetchFailure(served)
  const [copy] = held
  if (copy === undefined || copy.mode === 'none') {
    const [text] = served.texts
    return policyless(facts, failure.resultType, failure.reasonCode, linesOf(text?.body ?? ''))
  }
  return applied(facts, linesOf(copy.body), copy.mxPatterns, [failure])
}

function heldOr(facts: Facts, otherwise: AppliedSts): AppliedSts {
  const [copy]: readonly PolicyVersion[] = facts.held
  if (copy === undefined || copy.mode === 'none') return otherwise
  return applied(facts, linesOf(copy.body), copy.mxPatterns, [])
}

function applied(
  { snapshot }: Facts,
  policyString: readonly string[],
  mxHostPatterns: readonly string[],
  failures: readonly Pick<SessionFailure, 'resultType' | 'reasonCode'>[],
): AppliedSts {
  const policy = { policyType: 'sts', policyString, policyDomain: snapshot.domain, mxHostPatterns } as const
  return { kind: 'sts', policy, isApplied: true, failures }
}

function policyless(
  { snapshot }: Facts,
  resultType: KnownResultType,
  reasonCode: string | null,
  policyString: readonly string[] = [],
): AppliedSts {
  const policy = {
    policyType: 'sts',
    policyString,
    policyDomain: snapshot.domain,
    mxHostPatterns: [],
  } as const
  return { kind: 'sts', policy, isApplied: false, failures: [{ resultType, reasonCode }] }
}

/** RFC 8460 §4.3.2.2: the fetch, the certificate of the policy host, or the text. */
function fetchFailure(served: ServedPolicy): Pick<SessionFailure, 'resultType' | 'reasonCode'> {
  const [failed] = served.failures
  const [text] = served.texts
  if (text !== undefined) {
    const problem = text.problems.find(({ severity }) => severity === 'error')
    return { resultType: 'sts-policy-invalid', reasonCode: problem?.code ?? null }
  }
  if (served.refusedCertificates.length > 0) return { resultType: 'sts-webpki-invalid', reasonCode: null }
  return { resultType: 'sts-policy-fetch-error', reasonCode: failed?.detail ?? null }
}

/** RFC 8460 §4.5: the lines as declared, errors included, without their ends. */
function linesOf(body: string): readonly string[] {
  const lines = body.split(/\r\n|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
