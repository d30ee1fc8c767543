import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { evidenceOf, type Reached, reachedOf } from './mx-session.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = ['mx.host.unreachable', 'mx.host.refuses-monitor', 'mx.address.private']

/** Every MX host at every address: does it answer at all, and does it answer us (reliability R31)? */
export function checkMxReach(facts: Facts): Verdict {
  const { snapshot } = facts
  const { mx, domain, hosts } = snapshot
  const because = faultOf(mx)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  const everyHostIsDown = hosts.every((host) => isDown(facts, host))
  return together(hosts.map((host) => reach(facts, host, everyHostIsDown)))
}

function reach(facts: Facts, host: MxHost, everyHostIsDown: boolean): Verdict {
  const { domain } = facts.snapshot
  const because = faultOf(host.addresses)
  if (because !== null) return undecided(CODES, domain, host.name, because)
  if (host.target !== 'host' || host.addresses.outcome === 'absent') {
    return undecided(CODES, domain, host.name, moot('the name leads to no address'))
  }
  const reached = reachedOf(host, facts.vantage.smtp)
  if (reached.length === 0) return undecided(CODES, domain, host.name, moot('no address was asked'))
  return together([
    unreachable(facts, host, reached, everyHostIsDown),
    refusing(facts, host, reached),
    privateAddresses(facts, host, reached, everyHostIsDown),
    unknown(facts, host, reached),
  ])
}

/** No address of the host can be reached by anybody. */
function isDown(facts: Facts, host: MxHost): boolean {
  if (host.target !== 'host' || host.addresses.outcome === 'absent') return true
  if (host.addresses.outcome !== 'seen') return false
  const steps = reachedOf(host, facts.vantage.smtp).map((one) => one.step.at)
  const told = steps.filter((step) => step !== 'unrouted')
  return told.length > 0 && told.every((step) => step === 'unreachable' || step === 'private')
}

function unreachable(
  facts: Facts,
  host: MxHost,
  reached: readonly Reached[],
  everyHostIsDown: boolean,
): Verdict {
  const failing = reached.filter((one) => one.step.at === 'unreachable')
  if (failing.length === 0) return CLEAR
  const of = decided(reached).length
  const partly = failing.length < of ? 'info' : 'warning'
  return found('mx.host.unreachable', placeOf(facts, host, failing), everyHostIsDown ? 'critical' : partly, {
    host: host.name,
    failures: evidenceOf(failing, (step) => (step.at === 'unreachable' ? step.detail : '')),
    of,
    mode: facts.modeInForce,
    allHostsDown: everyHostIsDown,
  })
}

function refusing(facts: Facts, host: MxHost, reached: readonly Reached[]): Verdict {
  const failing = reached.filter((one) => one.step.at === 'refuses-monitor')
  if (failing.length === 0) return CLEAR
  return found('mx.host.refuses-monitor', placeOf(facts, host, failing), 'info', {
    host: host.name,
    failures: evidenceOf(failing, (step) => (step.at === 'refuses-monitor' ? step.fault.detail : '')),
    of: decided(reached).length,
    mode: facts.modeInForce,
  })
}

function privateAddresses(
  facts: Facts,
  host: MxHost,
  reached: readonly Reached[],
  everyHostIsDown: boolean,
): Verdict {
  const failing = reached.filter((one) => one.step.at === 'private')
  if (failing.length === 0) return CLEAR
  return found(
    'mx.address.private',
    placeOf(facts, host, failing),
    everyHostIsDown ? 'critical' : 'warning',
    { host: host.name, addresses: failing.map((one) => one.address) },
  )
}

function unknown(facts: Facts, host: MxHost, reached: readonly Reached[]): Verdict {
  const hidden = (decided(reached).length === 0 ? reached : decided(reached)).flatMap(({ step }) =>
    step.at === 'unknown' || step.at === 'unrouted' ? [step.fault] : [],
  )
  const [because] = hidden
  const { domain } = facts.snapshot
  if (because !== undefined) return undecided(CODES, domain, host.name, because)
  // Whether it would talk to us cannot be told while it cannot be reached.
  const isOut = reached.some((one) => one.step.at === 'unreachable')
  return isOut
    ? undecided(['mx.host.refuses-monitor'], domain, host.name, moot('an address cannot be reached'))
    : CLEAR
}

/** Without the addresses this machine has no route to: they say nothing, for ever. */
function decided(reached: readonly Reached[]): readonly Reached[] {
  return reached.filter((one) => one.step.at !== 'unrouted')
}

function placeOf(facts: Facts, host: MxHost, failing: readonly { readonly observedAt: number }[]) {
  return {
    domain: facts.snapshot.domain,
    subject: host.name,
    at: Math.max(...failing.map((one) => one.observedAt)),
  }
}
