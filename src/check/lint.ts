import { policyIdOf } from '../protocol/mta-sts/generate-policy.ts'
import { type MendedPolicy, mendPolicy } from '../protocol/mta-sts/mended-policy.ts'
import { parseStsPolicy, type StsPolicy } from '../protocol/mta-sts/policy.ts'
import { parseStsRecord, type StsRecord } from '../protocol/mta-sts/record.ts'
import type { Problem } from '../protocol/problem.ts'
import { type MissedHost, missedHosts } from './match-views.ts'
import { policyViews, recordViews, type SenderView } from './sender-views.ts'

/** What a strict reader and the known ones say of one text. */
interface Linted {
  /** By line. */
  readonly problems: readonly Problem[]
  readonly views: readonly SenderView[]
  /** Nothing that a strict reader minds, and nothing that a known sender reads otherwise. */
  readonly isClean: boolean
}

export interface LintedPolicy extends Linted {
  readonly body: string
  /** Null: invalid by RFC 8461 §3.2. */
  readonly policy: StsPolicy | null
  /** MX hosts that some known sender does not take for covered. */
  readonly missed: readonly MissedHost[]
  /** The same policy as all read it; null where the text is clean, or does not tell what was meant. */
  readonly mended: (MendedPolicy & { readonly id: string }) | null
}

export interface LintedRecord extends Linted {
  readonly records: readonly string[]
  /** Null: invalid by RFC 8461 §3.1. */
  readonly record: StsRecord | null
}

/** A policy text, strictly and as the known readers see it; `hosts` are the MX hosts where they are known. */
export function lintPolicy(body: string, hosts: readonly string[]): LintedPolicy {
  const { value, problems } = parseStsPolicy(body)
  const linted = { problems, views: policyViews(body) }
  const missed = missedBy(value, hosts)
  const isClean = missed.length === 0 && isLintedClean(linted)
  const mended = isClean ? null : cleanPolicy(body, hosts)
  return {
    body,
    policy: value,
    ...linted,
    missed,
    isClean,
    mended: mended === null ? null : { ...mended, id: policyIdOf(mended.body) },
  }
}

/** Null also where what can be written is not clean either: mode none, and no host to name. */
function cleanPolicy(body: string, hosts: readonly string[]): MendedPolicy | null {
  const plain = mendPolicy(body, hosts)
  if (plain === null) return null
  const missed = missedBy(parseStsPolicy(plain.body).value, hosts)
  const full = missed.length === 0 ? plain : mendPolicy(withLines(plain.body, missed), hosts)
  if (full === null) return null
  const { problems } = parseStsPolicy(full.body)
  const isClean = isLintedClean({ problems, views: policyViews(full.body) })
  return isClean ? { body: full.body, remarks: plain.remarks } : null
}

function missedBy(policy: StsPolicy | null, hosts: readonly string[]): readonly MissedHost[] {
  return policy === null || policy.mode === 'none' ? [] : missedHosts(policy.mxPatterns, hosts)
}

/** A host that a wildcard covers for some gets a line of its own. */
function withLines(body: string, missed: readonly MissedHost[]): string {
  return `${body}${missed.map(({ host }) => `mx: ${host}\r\n`).join('')}`
}

/** The TXT answer at `_mta-sts`, in the same way. */
export function lintRecord(records: readonly string[]): LintedRecord {
  const { value, problems } = parseStsRecord(records)
  const linted = { problems, views: recordViews(records) }
  return { records, record: value, ...linted, isClean: isLintedClean(linted) }
}

function isLintedClean({ problems, views }: Pick<Linted, 'problems' | 'views'>): boolean {
  const isMinded = problems.some(({ severity }) => severity !== 'info')
  return !isMinded && views.every(({ reader, outcome }) => !reader.sends || outcome === 'reads')
}
