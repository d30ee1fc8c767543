import type { Fault } from '../model/fault.ts'
import type { Observation } from '../model/observation.ts'
import type { Facts } from './facts.ts'
import { faultClass } from './fault-class.ts'
import { CLEAR, found, type Place, undecided, type Verdict } from './verdict.ts'

/** Does the domain's DNS answer at all? Only asked while this machine's resolvers are proven to see (R27, R28). */
export function checkDomainUndecided(facts: Facts): Verdict {
  const { snapshot, vantage } = facts
  const place: Place = { domain: snapshot.domain, subject: null, at: snapshot.takenAt }
  const { stsRecord, tlsrptRecord, mx, policyHost } = snapshot
  const own = [stsRecord, tlsrptRecord, mx, policyHost.addresses].filter((one) => one.outcome !== 'skipped')
  const silent = faults(own)
  // Who finds signatures false was answered: that is a finding of its own.
  if (silent.some((fault) => fault.kind === 'dns-bogus')) return CLEAR
  const [because] = silent
  if (because === undefined || silent.length < own.length) return CLEAR
  const isTheirs = vantage.dns === 'sees' && silent.every((fault) => faultClass(fault) === 'dns')
  if (!isTheirs) return undecided(['domain.undecided'], snapshot.domain, null, because)
  return found('domain.undecided', place, 'warning', { faults: silent })
}

function faults(observations: readonly Observation<unknown>[]): readonly Fault[] {
  return observations.flatMap((one) => (one.outcome === 'failed' ? [one.fault] : []))
}
