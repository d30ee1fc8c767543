import { type LintedPolicy, type LintedRecord, lintPolicy, lintRecord } from '../check/lint.ts'
import { servedPolicy } from '../check/served-policy.ts'
import { type Finding, type FindingCode, isOpenQuestion, type Undecided } from '../model/finding.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { Checked } from './check.ts'
import { EXIT } from './io.ts'

/** What there is to say about the MTA-STS texts of a domain. */
export interface DomainLint {
  /** Null: there is no record, or it could not be found out. */
  readonly record: LintedRecord | null
  /** One for each text that the addresses of the policy host serve. */
  readonly policies: readonly { readonly addresses: readonly IpAddress[]; readonly linted: LintedPolicy }[]
  /** What else is wrong with record and policy: how they are served, what they cover, what became of earlier ones. */
  readonly findings: readonly Finding[]
  readonly undecided: readonly Undecided[]
  /** The exit status. */
  readonly status: number
}

/** Told line by line from the texts themselves. */
const TOLD_BY_LINT: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'mta-sts.record.invalid',
  'mta-sts.record.multiple',
  'mta-sts.record.questionable',
  'mta-sts.policy.invalid',
  'mta-sts.policy.questionable',
  'mta-sts.policy.max-age-long',
])

/** The texts of a look, each as `policy lint` sees it, and the findings that are about record and policy. */
export function lintLook({ snapshot, judgement }: Checked): DomainLint {
  const { stsRecord, hosts } = snapshot
  const names = hosts.flatMap(({ name, target }) => (target === 'host' ? [name] : []))
  // The other TXT records at a name with no record of MTA-STS are told by the finding.
  const isMissing = judgement.findings.some(({ code }) => code === 'mta-sts.record.missing')
  const record = stsRecord.outcome === 'seen' && !isMissing ? lintRecord(stsRecord.value.records) : null
  const policies = (servedPolicy(snapshot.policyHost, 'unproven')?.texts ?? []).map(
    ({ body, addresses }) => ({
      addresses,
      linted: lintPolicy(body, names),
    }),
  )
  const findings = judgement.findings.filter(({ code }) => isOurs(code) && !TOLD_BY_LINT.has(code))
  const undecided = judgement.undecided.filter((one) => isOurs(one.code) && isOpenQuestion(one))
  const isClean =
    findings.length === 0 && record?.isClean !== false && policies.every(({ linted }) => linted.isClean)
  const status = !isClean ? EXIT.findings : undecided.length > 0 ? EXIT.undecided : EXIT.ok
  return { record, policies, findings, undecided, status }
}

function isOurs(code: FindingCode): boolean {
  return code.startsWith('mta-sts.')
}
