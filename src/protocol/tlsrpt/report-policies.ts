import { type DomainName, parseDomainName } from '../domain-name.ts'
import type { Note } from './deviation.ts'
import { readPolicyString } from './policy-string.ts'
import type { PolicyResult } from './report.ts'
import { readFailureDetails } from './report-details.ts'
import {
  addCounts,
  elements,
  type Field,
  firstElements,
  hasMember,
  isJsonObject,
  member,
  memberOrPlaceholder,
  readCount,
  readDomain,
  readText,
} from './report-fields.ts'
import { REPORT_LIMITS, TEXT_LIMITS } from './report-limits.ts'
import { isKnownPolicyType } from './result-type.ts'

/**
 * The policies of a report; a broken entry is left out and noted, its siblings stay. Null when the report is to be
 * refused: too many, or entries but not one that can be read. `fallbackDomain` serves entries without policy-domain.
 */
export function readPolicies(
  field: Field,
  fallbackDomain: DomainName | null,
  note: Note,
): readonly PolicyResult[] | null {
  const entries = elements(field, 'policies-not-array', note)
  if (entries.length > REPORT_LIMITS.policies) {
    note('policies-too-many', field.where, entries.length)
    return null
  }
  if (entries.length === 0) note('policies-empty', field.where)
  if (countDetails(entries) > REPORT_LIMITS.details) {
    note('details-too-many', field.where)
    return null
  }
  const policies = entries.flatMap((entry) => readPolicy(entry, fallbackDomain, note))
  if (entries.length === 0 || policies.length > 0) return policies
  note('not-a-report', field.where)
  return null
}

function countDetails(entries: readonly Field[]): number {
  return entries.reduce((sum, entry) => {
    const details = member(entry, 'failure-details').value
    return sum + (Array.isArray(details) ? details.length : 0)
  }, 0)
}

/** One policy, or nothing when the entry is none. */
function readPolicy(entry: Field, fallbackDomain: DomainName | null, note: Note): PolicyResult[] {
  const policy = findPart(entry, 'policy', 'policy-type', note)
  const summary = findPart(entry, 'summary', 'total-successful-session-count', note)
  if (policy === null && summary === null && !hasMember(entry, 'failure-details')) {
    note('policy-not-object', entry.where, entry.value)
    return []
  }
  const head = policy ?? member(entry, 'policy')
  const policyType = readPolicyType(member(head, 'policy-type'), note)
  return [
    {
      policyType,
      policyString: readPolicyString(member(head, 'policy-string'), policyType, note),
      policyDomain: readPolicyDomain(member(head, 'policy-domain'), fallbackDomain, note),
      mxHostPatterns: readMxHosts(memberOrPlaceholder(head, 'mx-host', 'mx-host-pattern', note), note),
      ...readSessions(entry, summary ?? member(entry, 'summary'), note),
    },
  ]
}

/** The object under `key`; or the entry itself when its members stand there, one level too high; or null. */
function findPart(entry: Field, key: 'policy' | 'summary', telltale: string, note: Note): Field | null {
  const part = member(entry, key)
  if (isJsonObject(part.value)) return part
  const isWrapped = Array.isArray(part.value) && part.value.length === 1 && isJsonObject(part.value[0])
  if (!isWrapped && !hasMember(entry, telltale)) return null
  note('policy-flat', entry.where)
  return isWrapped ? { value: (part.value as unknown[])[0], where: `${part.where}[0]` } : entry
}

function readPolicyType(field: Field, note: Note): string | null {
  const text = readText(field, TEXT_LIMITS.policyType, note)
  const folded = text?.trim().toLowerCase() ?? ''
  if (!isKnownPolicyType(folded)) {
    note('policy-type-unknown', field.where, text)
    return text
  }
  if (folded !== text) note('policy-type-case', field.where, text)
  return folded
}

function readPolicyDomain(field: Field, fallback: DomainName | null, note: Note): DomainName | null {
  const isMissing = field.value === undefined || field.value === null || field.value === ''
  if (!isMissing) return readDomain(field, note)
  note('policy-domain-missing', field.where)
  return fallback
}

/** RFC 8460 §4.4: patterns as in the policy's mx lines. Appendix B shows a string instead of the array (erratum 6241). */
function readMxHosts(field: Field, note: Note): readonly string[] {
  return firstElements(field, REPORT_LIMITS.mxHosts, 'mx-host-not-array', note).flatMap((host) => {
    const text = readText(host, TEXT_LIMITS.hostName, note)?.trim().toLowerCase() ?? ''
    const pattern = text.replace(/^mx:\s*/, '')
    if (pattern !== text) note('mx-host-prefix', host.where, text)
    return pattern === '' ? [] : [toALabels({ ...host, value: pattern.replace(/(?<=.)\.$/, '') }, note)]
  })
}

/** RFC 8460 §4.4: A-labels, not U-labels. A pattern that is no name even so stays as it is. */
function toALabels({ value, where }: { value: string; where: string }, note: Note): string {
  if (/^[\x00-\x7f]*$/.test(value)) return value
  note('mx-host-form', where, value)
  const wildcard = value.startsWith('*.') ? '*.' : ''
  const name = parseDomainName(value.slice(wildcard.length))
  return name === null ? value : `${wildcard}${name}`
}

function readSessions(
  entry: Field,
  summary: Field,
  note: Note,
): Pick<PolicyResult, 'successfulSessions' | 'failedSessions' | 'failureDetails'> {
  const successful = readCount(member(summary, 'total-successful-session-count'), note)
  const failed = readCount(member(summary, 'total-failure-session-count'), note)
  const failureDetails = readFailureDetails(member(entry, 'failure-details'), failed, note)
  return {
    successfulSessions: successful ?? 0,
    // RFC 8460 §4: the details may count a session twice, but without a total they are the best there is.
    failedSessions: failed ?? addCounts(failureDetails.map(({ failedSessions }) => failedSessions)),
    failureDetails,
  }
}
