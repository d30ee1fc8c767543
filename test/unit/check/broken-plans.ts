import type { UnixMs } from '../../../src/lib/time.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import { type BrokenDomain, version } from './broken.ts'
import { absent, healthy, MX1, MX2, NOW, policyBody, serving } from './snapshot-builder.ts'

/** The policy that covers mx2 was first served then, under a new id; its record has a TTL of 300 seconds. */
const RENEWED = NOW - 10 * MINUTE_MS
const OLD = version(policyBody({ mx: [MX1] }), { recordId: 'old', lastSeenAt: RENEWED - MINUTE_MS })
const CURRENT = version(policyBody(), { firstSeenAt: RENEWED + 1, lastSeenAt: NOW })

function joinedAt(at: UnixMs) {
  return { versions: [CURRENT, OLD], mxJoined: new Map([[MX2, at]]) }
}

const NONE = version(policyBody({ mode: 'none', maxAge: 86_400 }), { lastSeenAt: NOW - HOUR_MS })
const GONE = healthy({ stsRecord: absent() })

/** Steps of a change that came too early. */
export const BROKEN_PLANS: readonly BrokenDomain[] = [
  {
    name: 'MX joins while copies without it live',
    snapshot: healthy(),
    context: joinedAt(NOW - 7 * MINUTE_MS),
    findings: [`critical mta-sts.policy.mx-not-in-held-policy ${MX2}`],
  },
  {
    name: 'MX joined less than five minutes before its line in the policy',
    snapshot: healthy(),
    context: joinedAt(RENEWED - 5 * MINUTE_MS + 2),
    findings: [`critical mta-sts.policy.mx-not-in-held-policy ${MX2}`],
  },
  {
    name: 'MX joined five minutes before its line: told as uncovered then',
    snapshot: healthy(),
    context: joinedAt(RENEWED - 5 * MINUTE_MS + 1),
    findings: [],
  },
  {
    name: 'MX joined, and no cache gives the old record any more',
    snapshot: healthy(),
    context: {
      ...joinedAt(NOW - 7 * MINUTE_MS),
      versions: [{ ...CURRENT, firstSeenAt: RENEWED }, OLD],
    },
    findings: [`warning mta-sts.policy.mx-not-in-held-policy ${MX2}`],
  },
  {
    name: 'MX joins when no cache gives the old record any more',
    snapshot: healthy(),
    context: { ...joinedAt(NOW - 6 * MINUTE_MS), versions: [{ ...CURRENT, firstSeenAt: RENEWED }, OLD] },
    findings: [],
  },
  {
    name: 'MX that nobody saw joining',
    snapshot: healthy(),
    context: { versions: [CURRENT, OLD] },
    findings: [],
  },
  {
    name: 'MX joined, the copies without it are in mode testing',
    snapshot: healthy(),
    context: {
      ...joinedAt(NOW),
      versions: [
        CURRENT,
        version(policyBody({ mode: 'testing', mx: [MX1] }), { recordId: 'old', lastSeenAt: RENEWED - 1 }),
      ],
    },
    findings: [],
  },
  {
    name: 'record gone after mode none, enforce held',
    snapshot: { ...serving(policyBody({ mode: 'none', maxAge: 86_400 })), stsRecord: absent() },
    context: { versions: [NONE, version(policyBody(), { lastSeenAt: NOW - 2 * HOUR_MS })] },
    findings: ['warning mta-sts.policy.retired-too-early', 'warning mta-sts.policy.weakened mode'],
  },
  {
    name: 'record and file gone after mode none, nothing else held',
    snapshot: { ...GONE, policyHost: { ...GONE.policyHost, addresses: absent(), fetches: [] } },
    context: { versions: [NONE, version(policyBody(), { lastSeenAt: NOW - 2 * HOUR_MS, horizonAt: NOW })] },
    findings: ['info mta-sts.record.missing'],
  },
]
