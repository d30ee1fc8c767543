import { suggestedId } from '../check/ledger.ts'
import { hurts } from '../check/readiness.ts'
import type { UnixMs } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import { type Finding, type FindingCode, isOpenQuestion, type Judgement } from '../model/finding.ts'
import type { PlanBlock } from '../model/plan.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import { formatStsPolicy, type StsPolicy } from '../protocol/mta-sts/policy.ts'
import type { PlanWorld } from './plan-world.ts'
import { type Done, NO, YES } from './step-rule.ts'

/** Lines and questions that several plans share. */

export function text(line: string): RemedyLine {
  return { kind: 'text', text: line }
}

export function code(line: string): RemedyLine {
  return { kind: 'code', text: line }
}

/** "Serve this at …" and the file, line by line; why there is none when a host cannot stand in a policy. */
export function fileLines(domain: DomainName, policy: StsPolicy): readonly RemedyLine[] {
  const lines = policyLines(policy)
  if (typeof lines === 'string') return [text(`The file cannot be written out here: ${lines}`)]
  return [
    text(`Serve this at https://mta-sts.${domain}/.well-known/mta-sts.txt, at every address of the host:`),
    ...lines.map(code),
  ]
}

/** Names of MX hosts are as they were published: not every one is legal in a policy (RFC 8461 §3.2). */
function policyLines(policy: StsPolicy): readonly string[] | string {
  try {
    return formatStsPolicy(policy)
      .split('\r\n')
      .filter((line) => line !== '')
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

export function recordLine(domain: DomainName, now: UnixMs): RemedyLine {
  return code(`_mta-sts.${domain}. TXT "v=STSv1; id=${suggestedId(now)}"`)
}

/** The patterns with a line for each host that none of them covers. */
export function withHosts(patterns: readonly string[], hosts: readonly string[]): readonly string[] {
  return [...patterns, ...hosts.filter((host) => !coversMx(patterns, host))]
}

/** What is found that costs mail in mode enforce, at these hosts or, with null, at any MX host. */
export function hostBlocks(judgement: Judgement, hosts: readonly string[] | null): readonly PlanBlock[] {
  return judgement.findings
    .filter((finding) => isOfHost(finding.code, finding.subject, hosts) || isRefusedByDane(finding, hosts))
    .map(({ code: one, subject }) => ({ code: one, subject, detail: null }))
}

/** No finding, and no open question, at these hosts. */
export function hostsPass(judgement: Judgement, hosts: readonly string[] | null): Done {
  if (hostBlocks(judgement, hosts).length > 0) return NO
  const open = judgement.undecided.find(
    (one) => isOpenQuestion(one) && isOfHost(one.code, one.subject === 'any' ? null : one.subject, hosts),
  )
  return open === undefined ? YES : { is: 'unknown', because: open.because.detail }
}

/** RFC 7672 §2.2: who uses DANE refuses such a host in any mode. */
function isRefusedByDane(
  { code: one, severity, subject }: Finding,
  hosts: readonly string[] | null,
): boolean {
  if (!one.startsWith('dane.tlsa.') || severity !== 'critical') return false
  return hosts === null || hosts.some((host) => subject?.split(' ')[0] === host)
}

/** Hosts may stand in front of an address: "mx1.example.com 192.0.2.1". */
function isOfHost(one: FindingCode, subject: string | null, hosts: readonly string[] | null): boolean {
  if (!one.startsWith('mx.') || !(hurts(one) || UNREACHABLE.has(one))) return false
  return hosts === null || subject === null || hosts.some((host) => subject.split(' ')[0] === host)
}

const UNREACHABLE: ReadonlySet<FindingCode> = new Set([
  'mx.record.missing',
  'mx.target.alias',
  'mx.target.unresolvable',
  'mx.host.unreachable',
])

/** Is the finding among those of this look? Unknown when this look could not tell. */
export function isFound({ judgement }: PlanWorld, wanted: FindingCode): Done {
  if (judgement.findings.some((finding) => finding.code === wanted)) return YES
  const open = judgement.undecided.find((one) => one.code === wanted && isOpenQuestion(one))
  return open === undefined ? NO : { is: 'unknown', because: open.because.detail }
}

/** The record is valid, and no earlier text was served under its id. */
export function idIsNew(world: PlanWorld): Done {
  const { record } = world.facts
  if (record.state === 'undecided') return { is: 'unknown', because: record.because.detail }
  if (record.state !== 'valid') return NO
  const reused = isFound(world, 'mta-sts.policy.changed-without-id')
  if (reused.is === 'yes') return NO
  return reused.is === 'no' ? YES : reused
}

/** Why the policy host told no policy, when that is our question and not its answer; else null. */
export function policyUnknown({ facts }: PlanWorld): string | null {
  const { served, snapshot } = facts
  if (served !== null) return served.unknown?.detail ?? null
  const { addresses } = snapshot.policyHost
  return addresses.outcome === 'failed' ? addresses.fault.detail : null
}
