import type { ProbeSession, SessionFailure } from '../model/probe-session.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { DaneFailure } from '../protocol/dane/match.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type DaneAddress, daneAddresses, daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'
import type { Reached } from './mx-session.ts'
import { placeOf, startTlsFailures } from './session-failures.ts'

/** The sessions with a host held against its TLSA records (RFC 8460 §4.3.2.1); empty where DANE does not apply. */
export function daneSessions(facts: Facts, host: MxHost, fresh: readonly Reached[]): readonly ProbeSession[] {
  const view = daneView(facts, host)
  if (view.kind === 'failing') {
    return fresh.map((reached) => ({
      policy: policyOf(host.name as DomainName, []),
      failures: [{ ...placeOf(host, reached), resultType: 'dnssec-invalid', reasonCode: view.fault.kind }],
    }))
  }
  if (view.kind !== 'authenticated' && view.kind !== 'tls-only') return []
  const results = new Map(daneAddresses(facts, host, view).map(({ address, result }) => [address, result]))
  return fresh.flatMap((reached) => {
    const result = results.get(reached.address)
    if (result === undefined || result.outcome === 'unknown') return []
    return [{ policy: policyOf(view.base, view.rdata), failures: failuresOf(host, reached, result) }]
  })
}

function policyOf(policyDomain: DomainName, policyString: readonly string[]): ProbeSession['policy'] {
  return { policyType: 'tlsa', policyString, policyDomain, mxHostPatterns: [] }
}

// RFC 8460 §4.3
const RESULT_OF: Readonly<Record<DaneFailure, SessionFailure['resultType']>> = {
  name: 'certificate-host-mismatch',
  dates: 'certificate-expired',
  signatures: 'certificate-not-trusted',
  'anchor-not-sent': 'tlsa-invalid',
  mismatch: 'tlsa-invalid',
}

/** Without a usable record nobody is authenticated, and any TLS will do (RFC 7672 §2.2). */
function failuresOf(
  host: MxHost,
  reached: Reached,
  result: DaneAddress['result'],
): readonly SessionFailure[] {
  if (result.outcome === 'no-tls') return startTlsFailures(host, reached)
  if (result.outcome !== 'failed') return []
  return [{ ...placeOf(host, reached), resultType: RESULT_OF[result.why], reasonCode: result.why }]
}
