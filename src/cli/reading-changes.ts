import { rejectionText } from '../announce/rejection-words.ts'
import type { Reparsed } from '../app/reparse.ts'
import { sumSessions, type TlsReport } from '../protocol/tlsrpt/report.ts'
import type { MailVerdict } from '../store/report-store.ts'
import { numberText } from './render-report.ts'

interface Gist {
  readonly reports: readonly { readonly report: TlsReport; readonly contentSha256: string }[]
  readonly deviations: ReadonlySet<string>
}

/** What a new reading of the same bytes says otherwise than the old one, one line each; empty: nothing. */
export function readingChanges({
  before,
  commit,
  mailClass,
}: Pick<Reparsed, 'before' | 'commit' | 'mailClass'>): readonly string[] {
  const old = gistOf(before)
  const { verdict } = commit
  if (verdict.kind !== 'reports')
    return before.length === 0 ? [] : [`${reportsText(before.length)} before; now ${verdictText(verdict)}`]
  const now = gistOf(verdict.reports)
  if (mailClass === 'duplicate') {
    return before.length === 0 ? [] : [`${reportsText(before.length)} before; now a repeat of another`]
  }
  if (before.length === 0) return [`no report before; now ${reportsText(now.reports.length)}`]
  const lost = [...old.deviations].filter((code) => !now.deviations.has(code))
  const found = [...now.deviations].filter((code) => !old.deviations.has(code))
  return [
    ...numberChanges(old, now),
    ...(found.length === 0 ? [] : [`deviations found: ${found.join(', ')}`]),
    ...(lost.length === 0 ? [] : [`deviations gone: ${lost.join(', ')}`]),
  ]
}

function gistOf(
  reports: readonly { report: TlsReport; contentSha256: string; deviations: readonly { code: string }[] }[],
): Gist {
  return {
    reports,
    deviations: new Set(reports.flatMap(({ deviations }) => deviations.map(({ code }) => code))),
  }
}

function numberChanges(old: Gist, now: Gist): readonly string[] {
  const hashes = (gist: Gist) =>
    gist.reports
      .map(({ contentSha256 }) => contentSha256)
      .sort()
      .join()
  if (hashes(old) === hashes(now)) return []
  const before = sumSessions(old.reports.map(({ report }) => report))
  const after = sumSessions(now.reports.map(({ report }) => report))
  const counts = [
    ['reports', old.reports.length, now.reports.length],
    ['sessions that succeeded', before.success, after.success],
    ['sessions that failed', before.failure, after.failure],
  ] as const
  const told = counts.filter(([, one, other]) => one !== other)
  if (told.length === 0) return ['read otherwise, with the same numbers']
  return told.map(([what, one, other]) => `${what}: ${numberText(one)} before, ${numberText(other)} now`)
}

function verdictText(verdict: Exclude<MailVerdict, { readonly kind: 'reports' }>): string {
  switch (verdict.kind) {
    case 'rejected':
    case 'not-a-report':
      return `${verdict.kind === 'rejected' ? 'rejected' : 'no report'}: ${rejectionText(verdict.reason)}`
    case 'postponed':
      return 'not judged'
    case 'canary':
      return 'a canary'
    case 'poison':
      return 'given up'
  }
}

function reportsText(count: number): string {
  return count === 1 ? '1 report' : `${count} reports`
}
