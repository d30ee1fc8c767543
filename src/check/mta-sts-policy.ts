import { DAY_MS, SECOND_MS } from '../lib/time.ts'
import type { FetchFailureCause } from '../model/evidence/sts-evidence.ts'
import type { Fault } from '../model/fault.ts'
import type { FindingCode } from '../model/finding.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { latestHorizon } from './ledger.ts'
import { asEvidence } from './mta-sts-record.ts'
import { isOfConsequence, policyViews, readerEvidence } from './sender-views.ts'
import type { PolicyText, ServedPolicy } from './served-policy.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

const FETCH_CODES: readonly FindingCode[] = ['mta-sts.policy.unfetchable']
const DIFFERS_CODES: readonly FindingCode[] = ['mta-sts.policy.differs-by-address']
const TEXT_CODES: readonly FindingCode[] = [
  'mta-sts.policy.invalid',
  'mta-sts.policy.questionable',
  'mta-sts.policy.max-age-short',
  'mta-sts.policy.max-age-long',
  'mta-sts.policy.mode-weaker',
]

/** RFC 8461 §10.2 wants weeks; below a week an outage of the policy host soon leaves senders without a policy. */
const SHORT_SECONDS = (7 * DAY_MS) / SECOND_MS
/** Below a day at least one large sender is said to ignore the policy. */
const TOO_SHORT_SECONDS = DAY_MS / SECOND_MS
const BODY_EVIDENCE = 4_096

/** The policy file (RFC 8461 §3.2, §3.3): can it be fetched, is it one and the same, valid, and what was meant? */
export function checkStsPolicy(facts: Facts): Verdict {
  const { published, snapshot, served } = facts
  const { domain, policyHost } = snapshot
  const all = [...FETCH_CODES, ...DIFFERS_CODES, ...TEXT_CODES]
  if (published === false) return CLEAR
  if (published !== true) return undecided(all, domain, null, published)
  const because = faultOf(policyHost.addresses)
  if (because !== null) return undecided(all, domain, null, because)
  if (policyHost.addresses.outcome === 'absent') {
    return together([
      unfetchable(facts, 'no-address', policyHost.addresses.at),
      undecided(
        [...DIFFERS_CODES, ...TEXT_CODES],
        domain,
        null,
        moot('the policy host has no address in the DNS'),
      ),
    ])
  }
  if (served === null) return undecided(all, domain, null, moot('no address of the policy host was asked'))
  return together([fetching(facts, served), agreement(facts, served), text(facts, served)])
}

function fetching(facts: Facts, served: ServedPolicy): Verdict {
  const { domain } = facts.snapshot
  const [first] = served.failures
  if (first !== undefined) return unfetchable(facts, first.cause, served.at)
  const because = served.unknown ?? certificateFault(served)
  return because === null ? CLEAR : undecided(FETCH_CODES, domain, null, because)
}

function unfetchable(facts: Facts, cause: FetchFailureCause, at: number): Verdict {
  const { snapshot, served, record, modeMeant, held } = facts
  const { domain, policyHost } = snapshot
  // Record and policy gone together is one removal, told as the missing record.
  if (record.state === 'missing') {
    return undecided(FETCH_CODES, domain, null, moot('told as the missing record'))
  }
  const failures = (served?.failures ?? []).map(({ address, detail }) => ({ address, detail }))
  const of = Math.max(
    new Set([...failures.map((f) => f.address), ...(served?.texts ?? []).flatMap((t) => t.addresses)]).size,
    1,
  )
  // RFC 8461 §3.2 only says SHOULD of the media type: some senders read on, others refuse.
  const whole = cause === 'media-type' && served?.policy != null ? 'warning' : null
  const severity = whole ?? byMode(modeMeant, 'critical', 'warning', 'warning')
  return found(
    'mta-sts.policy.unfetchable',
    { domain, subject: null, at },
    failures.length === 0 ? severity : forShare(severity, failures.length, of),
    {
      policyHost: policyHost.name,
      cause,
      failures,
      of,
      mode: modeMeant,
      cachedUntil: latestHorizon(held),
    },
  )
}

function agreement(facts: Facts, served: ServedPolicy): Verdict {
  const place: Place = { domain: facts.snapshot.domain, subject: null, at: served.at }
  if (served.texts.length > 1) {
    const variants = served.texts.map((one) => ({ addresses: one.addresses, summary: summaryOf(one) }))
    return found('mta-sts.policy.differs-by-address', place, 'warning', { variants })
  }
  const because = served.unknown ?? (served.texts.length === 0 ? noPolicy(served) : null)
  return because === null ? CLEAR : undecided(DIFFERS_CODES, place.domain, null, because)
}

/** One line that shows the difference of two policy texts. */
function summaryOf(one: PolicyText): string {
  if (one.value === null) return `invalid: ${one.problems[0]?.message ?? 'no policy'}`
  const { mode, maxAgeSeconds, mxPatterns } = one.value
  return `mode ${mode}, max_age ${maxAgeSeconds}, mx ${mxPatterns.join(' ')}`
}

function text(facts: Facts, served: ServedPolicy): Verdict {
  const place: Place = { domain: facts.snapshot.domain, subject: null, at: served.at }
  const invalid = served.texts.filter((one) => one.value === null)
  const [broken] = invalid
  if (broken !== undefined && invalid.length === served.texts.length) {
    const readers = readerEvidence(policyViews(broken.body))
    // What every known sender reads all the same hurts nobody yet.
    const worst = isOfConsequence(readers) ? 'critical' : 'warning'
    return together([
      found('mta-sts.policy.invalid', place, byMode(facts.modeMeant, worst, 'warning', 'warning'), {
        ...readers,
        body: broken.body.slice(0, BODY_EVIDENCE),
        problems: asEvidence(broken.problems),
        cachedUntil: latestHorizon(facts.held),
      }),
      undecided(TEXT_CODES.slice(1), place.domain, null, moot('the policy is invalid')),
    ])
  }
  const { policy } = served
  if (policy === null) return undecided(TEXT_CODES, place.domain, null, noPolicy(served))
  return together([
    questionable(place, served),
    maxAge(place, policy, served),
    modeWeaker(facts, place, policy),
    // What an address serves that could not be looked at is not known; one that is proven dead serves nothing.
    served.unknown === null ? CLEAR : undecided(TEXT_CODES, place.domain, null, served.unknown),
  ])
}

function questionable(place: Place, served: ServedPolicy): Verdict {
  const warnings = served.texts
    .flatMap((one) => one.problems)
    // max_age has findings of its own.
    .filter((problem) => problem.severity === 'warning' && !problem.code.startsWith('max-age'))
  if (warnings.length === 0) return CLEAR
  const readers = readerEvidence(served.texts.flatMap(({ body }) => policyViews(body)))
  // All read on without the line, which is not what its author meant.
  const isLost = warnings.some(({ code }) => code === 'key-misspelt')
  const severity = isLost || isOfConsequence(readers) ? 'warning' : 'info'
  return found('mta-sts.policy.questionable', place, severity, { ...readers, problems: asEvidence(warnings) })
}

function maxAge(place: Place, policy: StsPolicy, served: ServedPolicy): Verdict {
  const overlongSeconds = served.texts[0]?.overlongSeconds ?? null
  if (overlongSeconds !== null) {
    return found('mta-sts.policy.max-age-long', place, 'warning', { maxAgeSeconds: overlongSeconds })
  }
  const { maxAgeSeconds, mode } = policy
  // RFC 8461 §8.3: a small max_age is what a policy on its way out should have; testing may be brief as well.
  const limit = { enforce: SHORT_SECONDS, testing: TOO_SHORT_SECONDS, none: 0 }[mode]
  if (maxAgeSeconds >= limit) return CLEAR
  const severity = mode === 'enforce' && maxAgeSeconds < TOO_SHORT_SECONDS ? 'warning' : 'info'
  return found('mta-sts.policy.max-age-short', place, severity, { maxAgeSeconds })
}

function modeWeaker(facts: Facts, place: Place, policy: StsPolicy): Verdict {
  const { expect } = facts.domain
  const { mode } = policy
  if (expect === 'any' || mode === 'enforce' || mode === expect) return CLEAR
  return found('mta-sts.policy.mode-weaker', place, 'warning', { mode, expected: expect })
}

/** Why there is no single valid policy to judge. */
export function noPolicy(served: ServedPolicy | null): Fault {
  if (served === null) return moot('no policy was fetched')
  if (served.texts.length > 1) return moot('the addresses of the policy host serve different policies')
  const [failure] = served.failures
  return (
    served.unknown ??
    certificateFault(served) ??
    moot(failure === undefined ? 'no valid policy is served' : `${failure.address}: ${failure.detail}`)
  )
}

/** The bad certificate is told by its own finding; the policy behind it was not asked for. */
function certificateFault(served: ServedPolicy): Fault | null {
  const [address] = [...served.refusedCertificates, ...served.privateAddresses]
  return address === undefined ? null : moot(`${address} was not asked: senders would refuse it`)
}
