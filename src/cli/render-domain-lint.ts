import { instantText } from '../announce/text-time.ts'
import { newId } from '../announce/words.ts'
import { display } from '../lib/display.ts'
import { childName, displayDomainName } from '../protocol/domain-name.ts'
import { policyIdOf } from '../protocol/mta-sts/generate-policy.ts'
import type { Checked } from './check.ts'
import type { DomainLint } from './domain-lint.ts'
import { wrap } from './paint.ts'
import { renderFinding } from './render-check.ts'
import { type LintPage, renderLintedPolicy, renderLintedRecord } from './render-lint.ts'

/** Record and policy of a domain, one after the other, and what else is wrong with them. */
export function renderDomainLint(
  { snapshot, judgement }: Checked,
  { record, policies, findings, undecided }: DomainLint,
  timezone: string,
  page: LintPage,
): string {
  const { domain, takenAt, policyHost } = snapshot
  const { width, paint } = page
  const head = `${paint('bold', displayDomainName(domain))}  ${paint('dim', `looked at ${instantText(takenAt, timezone)}`)}\n`
  const served = policies[0]?.linted
  const id = served === undefined ? newId(takenAt) : policyIdOf(served.mended?.body ?? served.body)
  const owner = displayDomainName(childName('_mta-sts', domain))
  const host = displayDomainName(policyHost.name)
  const parts = [
    head,
    ...(record === null ? [] : [renderLintedRecord(`Record at ${owner}`, record, domain, id, page)]),
    ...policies.map(({ addresses, linted }) => {
      const where = policies.length > 1 ? ` (${addresses.join(', ')})` : ''
      return renderLintedPolicy(`Policy at ${host}${where}`, linted, domain, page)
    }),
    ...findings.map((finding) => renderFinding(finding, timezone, judgement.observedAt, width, paint)),
    ...unknown(undecided, page),
  ]
  return `${parts.join('\n')}${isNothingWrong(parts.length, record, policies) ? `\n${paint('green', 'Nothing to mend.')}\n` : ''}`
}

function unknown(undecided: DomainLint['undecided'], { width, paint }: LintPage): readonly string[] {
  const reasons = [...new Set(undecided.map(({ because }) => because.detail))]
  if (reasons.length === 0) return []
  const lines = reasons.map((reason) => wrap(display(reason, 400), width, '    '))
  return [`${[paint('bold', '? We could not find out everything:'), ...lines].join('\n')}\n`]
}

function isNothingWrong(
  parts: number,
  record: DomainLint['record'],
  policies: DomainLint['policies'],
): boolean {
  const texts = (record === null ? 0 : 1) + policies.length
  return record?.isClean !== false && policies.every(({ linted }) => linted.isClean) && parts === 1 + texts
}
