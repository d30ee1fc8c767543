import type { Fault } from '../model/fault.ts'
import type { Observation } from '../model/observation.ts'
import type { Facts } from './facts.ts'
import { faultClass } from './fault-class.ts'
import { CLEAR, found, type Place, undecided, type Verdict } from './verdict.ts'

/** Does the domain's DNS answer at all? Only asked while this machine's resolvers are proven to see (R27, R28). */
export function checkDomainUndecided(facts: Facts): Verdict {
  const { snapshot, vantage } = facts
  const place: Place = { domain: snapshot.domain, subject: null, at: snapshot.takenAt }
  const { stsRecord, tlsrptRecord, mx, policyHost, hosts } = snapshot
  const own = [stsRecord, tlsrptRecord, mx, policyHost.addresses].filter((one) => one.outcome !== 'skipped')
  const all = [...own, ...hosts.flatMap((host) => [host.addresses, host.tlsa])]
  // Bogus is no weakness of the resolver: whoever validates DNSSEC cannot resolve the name either.
  const bogus = faults(all).filter((fault) => fault.kind === 'dns-bogus')
  if (bogus.length > 0) return found('domain.undecided', place, 'critical', { faults: bogus })
  const silent = faults(own)
  const [because] = silent
  if (because === undefined || silent.length < own.length) return CLEAR
  const isTheirs = vantage.dns === 'sees' && silent.every((fault) => faultClass(fault) === 'dns')
  if (!isTheirs) return undecided(['domain.undecided'], snapshot.domain, null, because)
  return found('domain.undecided', place, 'warning', { faults: silent })
}

function faults(observations: readonly Observation<unknown>[]): readonly Fault[] {
  return observations.flatMap((one) => (one.outcome === 'failed' ? [one.fault] : []))
}
