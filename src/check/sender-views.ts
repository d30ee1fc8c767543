import type { ReaderEvidence } from '../model/evidence/evidence-parts.ts'
import { policyQuirks } from '../protocol/mta-sts/policy-quirks.ts'
import { POLICY_RULES } from '../protocol/mta-sts/policy-rules.ts'
import { READERS, type Reader, type ReaderRule } from '../protocol/mta-sts/readers.ts'
import { parseStsRecord } from '../protocol/mta-sts/record.ts'
import { RECORD_RULES } from '../protocol/mta-sts/record-rules.ts'

/** What one reader makes of a text, as far as it is known. */
export interface SenderView {
  readonly reader: Reader
  /** refuses: it acts as if there were none, or keeps the copy it has. otherwise: it reads something else. */
  readonly outcome: 'reads' | 'otherwise' | 'refuses'
  /** What of the text it is about; empty when it simply reads it. */
  readonly because: readonly ViewReason[]
}

export interface ViewReason {
  /** A peculiarity of the text, in kebab-case. */
  readonly quirk: string
  readonly line: number | null
  /** How it is read instead; null: it is refused. */
  readonly reads: string | null
}

/** How each known reader treats a policy text (RFC 8461 §3.2). */
export function policyViews(body: string): readonly SenderView[] {
  return viewsOf(policyQuirks(body).map(({ quirk, line }) => ({ quirk, line, rule: POLICY_RULES[quirk] })))
}

/** How each known reader treats the TXT answer at `_mta-sts` (RFC 8461 §3.1). */
export function recordViews(records: readonly string[]): readonly SenderView[] {
  const { problems } = parseStsRecord(records)
  return viewsOf(
    problems.flatMap(({ code, line }) => {
      const rule = RECORD_RULES[code]
      return rule === undefined ? [] : [{ quirk: code, line, rule }]
    }),
  )
}

/** The names of the sending programs that refuse it, as their users know them. */
export function refusingSenders(views: readonly SenderView[]): readonly string[] {
  return views
    .filter(({ reader, outcome }) => reader.sends && outcome === 'refuses')
    .map(({ reader }) => reader.name)
}

/** The same, for the evidence of a finding. */
export function readerEvidence(views: readonly SenderView[]): ReaderEvidence {
  const others = views.filter(({ reader, outcome }) => reader.sends && outcome === 'otherwise')
  return {
    refusedBy: refusingSenders(views),
    readOtherwiseBy: others.map(({ reader, because }) => `${reader.name} ${because[0]?.reads ?? ''}`),
  }
}

/** Is it of any consequence: does a known sender refuse it, or read something else? */
export function isOfConsequence({ refusedBy, readOtherwiseBy }: ReaderEvidence): boolean {
  return refusedBy.length > 0 || readOtherwiseBy.length > 0
}

interface Applied {
  readonly quirk: string
  readonly line: number | null
  readonly rule: ReaderRule
}

function viewsOf(applied: readonly Applied[]): readonly SenderView[] {
  return READERS.map((reader) => {
    const refused = applied.filter(({ rule }) => rule.refuse.includes(reader.id))
    const otherwise = applied.filter(({ rule }) => rule.otherwise[reader.id] !== undefined)
    const told = [...refused, ...otherwise].map(
      ({ quirk, line, rule }): ViewReason => ({
        quirk,
        line,
        reads: rule.refuse.includes(reader.id) ? null : (rule.otherwise[reader.id] ?? null),
      }),
    )
    const outcome = refused.length > 0 ? 'refuses' : otherwise.length > 0 ? 'otherwise' : 'reads'
    return { reader, outcome, because: told }
  })
}
