import type { ProblemEvidence } from '../model/evidence/evidence-parts.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Problem } from '../protocol/problem.ts'
import type { Facts } from './facts.ts'
import { latestHorizon } from './ledger.ts'
import { retiredTooEarly } from './premature.ts'
import { isOfConsequence, readerEvidence, recordViews } from './sender-views.ts'
import { byMode } from './severity.ts'
import { CLEAR, found, moot, type Place, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = [
  'mta-sts.record.missing',
  'mta-sts.record.invalid',
  'mta-sts.record.multiple',
  'mta-sts.record.questionable',
]

/** The TXT record at `_mta-sts` (RFC 8461 §3.1): there, alone, and readable by every sender? */
export function checkStsRecord(facts: Facts): Verdict {
  const { snapshot, record } = facts
  const { stsRecord, domain } = snapshot
  const at = stsRecord.outcome === 'skipped' ? snapshot.takenAt : stsRecord.at
  const place: Place = { domain, subject: null, at }
  const records = stsRecord.outcome === 'seen' ? stsRecord.value.records : []
  const severity = byMode(facts.modeMeant, 'critical', 'warning', 'warning')
  const cachedUntil = latestHorizon(facts.held)
  switch (record.state) {
    case 'undecided':
      return undecided(CODES, domain, null, record.because)
    case 'missing':
      return missing(facts, place, records)
    case 'multiple':
      return found('mta-sts.record.multiple', place, severity, { records, cachedUntil })
    case 'invalid':
      return found('mta-sts.record.invalid', place, severity, {
        ...readerEvidence(recordViews(records)),
        records,
        problems: asEvidence(record.problems),
        cachedUntil,
      })
    case 'valid':
      return questionable(place, records, record.problems)
  }
}

/** 64 KiB of line breaks are as many problems; nobody reads on, but every look would store them. */
const PROBLEMS_KEPT = 100

/** The complaints as evidence, the first hundred and a count; the severities of single lines stay behind. */
export function asEvidence(problems: readonly Problem[]): readonly ProblemEvidence[] {
  const kept = problems
    .slice(0, PROBLEMS_KEPT)
    .map(({ code, line, message, rfc }) => ({ code, line, message, rfc }))
  const rest = problems.length - kept.length
  const rfc = problems[0]?.rfc ?? ''
  const message = `There are ${rest} more problems; mend these first.`
  return rest === 0 ? kept : [...kept, { code: 'more-problems', line: null, message, rfc }]
}

function missing(facts: Facts, place: Place, otherRecords: readonly string[]): Verdict {
  const { takesMail, served, held, domain } = facts
  if (retiredTooEarly(facts) !== null) {
    return undecided(['mta-sts.record.missing'], place.domain, null, moot('told as retired too early'))
  }
  const policyServed = served?.policy != null
  if (held.length === 0 && !policyServed) {
    // A domain that takes no mail needs no policy (RFC 7505).
    if (takesMail === false) return CLEAR
    if (takesMail !== true) return undecided(['mta-sts.record.missing'], place.domain, null, takesMail)
  }
  const cachedUntil = latestHorizon(held)
  const unheld = domain.expect === 'any' && !policyServed ? 'info' : 'warning'
  const severity = byMode(held[0]?.mode ?? null, 'critical', 'warning', held.length > 0 ? 'info' : unheld)
  return found('mta-sts.record.missing', place, severity, { otherRecords, policyServed, cachedUntil })
}

function questionable(place: Place, records: readonly string[], problems: readonly Problem[]): Verdict {
  const warnings = problems.filter((problem) => problem.severity === 'warning')
  if (warnings.length === 0) return CLEAR
  const record = records.find((text) => text.startsWith('v=STSv1')) ?? ''
  const readers = readerEvidence(recordViews(records))
  const severity = isOfConsequence(readers) ? 'warning' : 'info'
  return found('mta-sts.record.questionable', place, severity, {
    ...readers,
    record,
    problems: asEvidence(warnings),
  })
}
