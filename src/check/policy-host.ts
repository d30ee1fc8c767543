import type { FindingCode } from '../model/finding.ts'
import { certificateCodes, checkCertificates, type Presented } from './certificate.ts'
import type { Facts } from './facts.ts'
import { faultOf, isDecisive, isForgotten } from './fault-class.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = ['policy-host.address.private', ...certificateCodes('policy-host')]

/** Addresses and certificates of `mta-sts.<domain>` (RFC 8461 §3.3): would a sender talk to it? */
export function checkPolicyHost(facts: Facts): Verdict {
  const { snapshot, published } = facts
  const { domain, policyHost } = snapshot
  const host = policyHost.name
  if (published === false) return CLEAR
  if (published !== true) return undecided(CODES, domain, host, published)
  const because = faultOf(policyHost.addresses)
  if (because !== null) return undecided(CODES, domain, host, because)
  if (policyHost.addresses.outcome === 'absent') {
    return undecided(CODES, domain, host, moot('the policy host has no address in the DNS'))
  }
  const presented = policyHost.fetches.map(
    ({ address, tls }): Presented => ({
      address,
      look: tls,
      isForgotten: isForgotten(
        facts.before?.policyHost.fetches.find((fetch) => fetch.address === address)?.tls,
        facts.now,
      ),
    }),
  )
  const enforced = facts.modeMeant
  return together([
    privateAddresses(facts),
    checkCertificates(
      {
        kind: 'policy-host',
        domain: facts.domain,
        host,
        mode: enforced,
        severity: byMode(enforced, 'critical', 'warning', 'warning'),
        soon: byMode(enforced, 'critical', 'warning', 'warning'),
        later: 'warning',
        hasBothKeyTypes: false,
        now: facts.now,
      },
      presented,
    ),
  ])
}

function privateAddresses(facts: Facts): Verdict {
  const { snapshot, served, modeMeant } = facts
  const { domain, policyHost } = snapshot
  const addresses = served?.privateAddresses ?? []
  if (addresses.length === 0) {
    const hidden = policyHost.fetches.find(
      ({ tls }) => tls.outcome === 'failed' && !isDecisive(tls.fault, facts.vantage.https),
    )
    const because = hidden === undefined ? null : faultOf(hidden.tls)
    return because === null || because.kind === 'no-route'
      ? CLEAR
      : undecided(['policy-host.address.private'], domain, policyHost.name, because)
  }
  const severity = byMode(modeMeant, 'critical', 'warning', 'warning')
  return found(
    'policy-host.address.private',
    { domain, subject: policyHost.name, at: served?.at ?? snapshot.takenAt },
    forShare(severity, addresses.length, policyHost.fetches.length),
    { host: policyHost.name, addresses },
  )
}
