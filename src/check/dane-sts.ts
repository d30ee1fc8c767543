import type { MxHost } from '../model/snapshot.ts'
import { daneAddresses, daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { shownByOrdinarySession } from './mx-session.ts'
import { stsObjections } from './sts-objections.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODES = ['dane.sts.disagree'] as const

/**
 * Hosts that DANE vouches for and MTA-STS refuses, typically by a certificate that no public authority signed: those who run
 * them see mail come in and think that all is well. The reverse is told with the TLSA records.
 */
export function checkDaneAndSts(facts: Facts): Verdict {
  const { mx, domain, hosts } = facts.snapshot
  if (facts.domain.dane === 'ignore' || facts.takesMail === false) return CLEAR
  const because = faultOf(mx)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  return together(hosts.filter(({ target }) => target === 'host').map((host) => hostVerdict(facts, host)))
}

function hostVerdict(facts: Facts, host: MxHost): Verdict {
  const { domain } = facts.snapshot
  const view = daneView(facts, host)
  if (view.kind === 'undecided') return undecided(CODES, domain, host.name, view.because)
  if (view.kind === 'failing') return undecided(CODES, domain, host.name, view.fault)
  const mode = facts.modeInForce
  if (view.kind !== 'authenticated' || mode === null || mode === 'none') return CLEAR
  const addresses = daneAddresses(facts, host, view)
  const judged = addresses.flatMap(({ address, observedAt, result }) => {
    const ordinary = shownByOrdinarySession(host, address)
    if (ordinary === null || result.outcome !== 'authenticated') return []
    return [{ address, observedAt, objections: stsObjections(facts, host.name, ordinary) }]
  })
  if (judged.some(({ objections }) => objections === null))
    return undecided(CODES, domain, host.name, moot('the text of the policy in force is not known'))
  const refused = judged.flatMap(({ objections, ...one }) =>
    objections === null || objections.length === 0 ? [] : [{ ...one, objections }],
  )
  const unknown = addresses.find(({ result }) => result.outcome === 'unknown')?.result
  if (refused.length === 0) {
    return unknown?.outcome === 'unknown' ? undecided(CODES, domain, host.name, unknown.fault) : CLEAR
  }
  const at = Math.max(view.at, ...refused.map(({ observedAt }) => observedAt))
  return found('dane.sts.disagree', { domain, subject: host.name, at }, 'info', {
    host: host.name,
    owner: `_25._tcp.${view.base}`,
    addresses: refused.map(({ address }) => address),
    of: addresses.length,
    mode,
    objections: [...new Set(refused.flatMap(({ objections }) => objections))],
  })
}
