import { DAY_MS } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import { coversMx, matchesMxPattern } from '../protocol/mta-sts/mx-match.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { horizonAfter, latestHorizon, suggestedId } from './ledger.ts'
import { noPolicy } from './mta-sts-policy.ts'
import { byMode } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

/** Between a new line in the policy and the MX record it is meant for. */
const PREPARED_MS = DAY_MS
/** A policy of 64 KiB has room for thousands of lines, and every one told is a message. */
const MOST_UNUSED = 20
const CODES: readonly FindingCode[] = ['mta-sts.policy.mx-uncovered', 'mta-sts.policy.pattern-unused']

/** Live MX hosts against the `mx` patterns (RFC 8461 §4.1), both ways. */
export function checkMxCoverage(facts: Facts): Verdict {
  const { snapshot, served, published, takesMail } = facts
  const { domain } = snapshot
  if (published === false || takesMail === false) return CLEAR
  if (published !== true) return undecided(CODES, domain, 'any', published)
  if (takesMail !== true) return undecided(CODES, domain, 'any', takesMail)
  const policies = (served?.texts ?? []).flatMap((text) => (text.value === null ? [] : [text.value]))
  if (policies.length === 0) return undecided(CODES, domain, 'any', noPolicy(served))
  const hosts = snapshot.hosts.filter((host) => host.target === 'host')
  return together([
    ...hosts.map((host) => {
      const because = whyNotLive(host)
      return because === null
        ? coverage(facts, policies, host.name)
        : undecided(['mta-sts.policy.mx-uncovered'], domain, host.name, because)
    }),
    served?.policy ? unusedPatterns(facts, served.policy, hosts) : CLEAR,
    served?.policy && served.unknown === null ? CLEAR : undecided(CODES, domain, 'any', noPolicy(served)),
  ])
}

/**
 * A host without an address refuses nobody; that it has none is told by itself. Without MX record the domain is a mail
 * host only when it is known to have an address (RFC 5321 §5.1). Null: it is one.
 */
function whyNotLive({ addresses, source }: MxHost): Fault | null {
  if (addresses.outcome === 'absent') return moot('the host has no address')
  return source === 'implicit' ? faultOf(addresses) : null
}

function coverage(facts: Facts, policies: readonly StsPolicy[], host: string): Verdict {
  const { snapshot, served, held, now } = facts
  const policy = policies.find((one) => one.mode !== 'none' && !coversMx(one.mxPatterns, host))
  if (policy === undefined) return CLEAR
  const mxAt = snapshot.mx.outcome === 'skipped' ? 0 : snapshot.mx.at
  const policyAt = served?.at ?? 0
  const refusing = held.filter((version) => version.mode !== 'none' && !coversMx(version.mxPatterns, host))
  return found(
    'mta-sts.policy.mx-uncovered',
    { domain: snapshot.domain, subject: host, at: Math.max(mxAt, policyAt) },
    byMode(policy.mode, 'critical', 'warning', 'info'),
    {
      mx: host,
      patterns: policy.mxPatterns,
      mode: policy.mode,
      suggestedId: suggestedId(now),
      cachedUntil: Math.max(latestHorizon(refusing) ?? 0, horizonAfter(policyAt, policy.maxAgeSeconds)),
    },
  )
}

/** A pattern that was added lately is there before its host, as it should be (RFC 8461 §8.1). */
function isPrepared({ versions, now }: Facts, pattern: string): boolean {
  const knowing = versions.filter((version) => version.mxPatterns.includes(pattern))
  return (
    knowing.length < versions.length && knowing.every(({ firstSeenAt }) => now - firstSeenAt < PREPARED_MS)
  )
}

function unusedPatterns(facts: Facts, policy: StsPolicy, hosts: readonly MxHost[]): Verdict {
  if (facts.snapshot.mx.outcome === 'absent') {
    const because = moot('told as the missing MX record')
    return undecided(['mta-sts.policy.pattern-unused'], facts.snapshot.domain, 'any', because)
  }
  if (policy.mode === 'none' || hosts.length === 0) return CLEAR
  const mx = hosts.map(({ name }) => name)
  const unused = policy.mxPatterns.filter(
    (pattern) => !mx.some((host) => matchesMxPattern(pattern, host)) && !isPrepared(facts, pattern),
  )
  return together(
    unused
      .slice(0, MOST_UNUSED)
      .map((pattern) =>
        found(
          'mta-sts.policy.pattern-unused',
          { domain: facts.snapshot.domain, subject: pattern, at: facts.served?.at ?? facts.snapshot.takenAt },
          'info',
          { pattern, mx },
        ),
      ),
  )
}
