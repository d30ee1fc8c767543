import type { UnixMs } from '../lib/time.ts'
import type { Change, ChangePart } from '../model/change.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { parseStsPolicy, type StsPolicy } from '../protocol/mta-sts/policy.ts'
import { type Certified, replacedCertificates } from './diff-certificates.ts'
import { diffHosts } from './diff-hosts.ts'
import { answers, listChange } from './diff-records.ts'
import { withSettling } from './diff-settling.ts'
import { diffLines } from './line-diff.ts'

/**
 * What differs between two looks at a domain. Only answers are compared, with answers: a failed observation is no
 * change, nor are TTLs or the order and set of addresses. The first look has no changes. What changes in the DNS says
 * how long caches may give what was.
 */
export function diff(before: Snapshot | null, after: Snapshot): readonly Change[] {
  if (before === null) return []
  const changes = [
    ...texts(after, 'sts-record', '_mta-sts record', before.stsRecord, after.stsRecord),
    ...policy(before, after),
    ...texts(after, 'tlsrpt-record', '_smtp._tls record', before.tlsrptRecord, after.tlsrptRecord),
    ...mx(before, after),
    ...replacedCertificates(after.domain, 'policy-certificate', certified(before), certified(after)),
    ...diffHosts(before, after),
  ]
  return withSettling(changes, before, after)
}

function texts(
  snapshot: Snapshot,
  part: ChangePart,
  name: string,
  before: Observation<DnsAnswer<readonly string[]>>,
  after: Observation<DnsAnswer<readonly string[]>>,
): readonly Change[] {
  const pair = answers(before, after)
  return pair === null ? [] : listChange(snapshot, part, null, name, pair)
}

function mx(before: Snapshot, after: Snapshot): readonly Change[] {
  const pair = answers(before.mx, after.mx)
  if (pair === null) return []
  const asText = { ...pair, before: pair.before.map(mxText), after: pair.after.map(mxText) }
  return listChange(after, 'mx', null, 'MX', asText)
}

function mxText(record: { readonly preference: number; readonly exchange: string }): string {
  return `${record.preference} ${record.exchange === '.' ? '.' : `${record.exchange}.`}`
}

interface Body {
  readonly at: UnixMs
  readonly body: string
}

function policy(before: Snapshot, after: Snapshot): readonly Change[] {
  const was = singleBody(before)
  const is = singleBody(after)
  if (was === null || is === null) return []
  const { removed, added } = diffLines(was.body, is.body)
  if (removed.length === 0 && added.length === 0) return []
  const summary = policySummary(parseStsPolicy(was.body).value, parseStsPolicy(is.body).value)
  return [
    {
      domain: after.domain,
      at: is.at,
      part: 'sts-policy',
      subject: null,
      summary,
      removed,
      added,
      notable: true,
      settles: null,
    },
  ]
}

/** The text that every address which answered 200 gave; null when none did or they disagree. */
function singleBody({ policyHost }: Snapshot): Body | null {
  const bodies = policyHost.fetches.flatMap(({ response }) =>
    response.outcome === 'seen' && response.value.status === 200
      ? [{ at: response.at, body: response.value.body }]
      : [],
  )
  return new Set(bodies.map((one) => one.body)).size === 1 ? (bodies[0] ?? null) : null
}

function policySummary(was: StsPolicy | null, is: StsPolicy | null): string {
  if (is === null) return was === null ? 'policy text changed' : 'policy text changed and is no longer valid'
  if (was === null) return 'policy text changed and is valid now'
  const parts = [
    ...(was.mode === is.mode ? [] : [`mode: ${was.mode} → ${is.mode}`]),
    ...(was.maxAgeSeconds === is.maxAgeSeconds
      ? []
      : [`max_age: ${was.maxAgeSeconds} → ${is.maxAgeSeconds}`]),
    ...is.mxPatterns.filter((one) => !was.mxPatterns.includes(one)).map((one) => `mx added: ${one}`),
    ...was.mxPatterns.filter((one) => !is.mxPatterns.includes(one)).map((one) => `mx removed: ${one}`),
  ]
  return parts.length === 0 ? 'policy text changed, its meaning did not' : `policy ${parts.join(', ')}`
}

function certified({ policyHost }: Snapshot): readonly Certified[] {
  return policyHost.fetches.flatMap(({ address, tls }) => {
    const [leaf] = tls.outcome === 'seen' ? tls.value.chain : []
    return tls.outcome === 'seen' && leaf !== undefined
      ? [{ host: policyHost.name, address, at: tls.at, leaf }]
      : []
  })
}
