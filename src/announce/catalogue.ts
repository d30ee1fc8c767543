import type { FindingCode } from '../model/finding.ts'
import { FINDING_CODES } from '../model/finding-codes.ts'
import { CANARY_PAGES } from './catalogue-canary.ts'
import { DANE_PAGES } from './catalogue-dane.ts'
import { DNSSEC_PAGES } from './catalogue-dnssec.ts'
import type { CatalogueEntry, Pages } from './catalogue-entry.ts'
import { FACE_PAGES } from './catalogue-faces.ts'
import { HOST_PAGES } from './catalogue-hosts.ts'
import { OTHER_PAGES } from './catalogue-others.ts'
import { PLAN_PAGES } from './catalogue-plan.ts'
import { POLICY_PAGES } from './catalogue-policy.ts'
import { REPORT_PAGES } from './catalogue-reports.ts'
import { ROLLOVER_PAGES } from './catalogue-rollover.ts'
import { SERVER_PAGES } from './catalogue-servers.ts'

const PAGES: Pages<FindingCode> = {
  ...POLICY_PAGES,
  ...PLAN_PAGES,
  ...HOST_PAGES,
  ...FACE_PAGES,
  ...DANE_PAGES,
  ...ROLLOVER_PAGES,
  ...OTHER_PAGES,
  ...SERVER_PAGES,
  ...DNSSEC_PAGES,
  ...REPORT_PAGES,
  ...CANARY_PAGES,
}

/** Every finding there is, one entry a code, in the order of the model. */
export const CATALOGUE: readonly CatalogueEntry[] = FINDING_CODES.map((code) => ({ code, ...PAGES[code] }))

export function catalogueEntry(code: FindingCode): CatalogueEntry {
  return { code, ...PAGES[code] }
}

/** One entry as plain text, for `explain CODE`. */
export function printEntry(entry: CatalogueEntry): string {
  return [
    entry.code,
    '',
    entry.summary,
    '',
    `Severity:  ${entry.severity}`,
    `Told:      ${confirmationText(entry)}`,
    `Why:       ${entry.why}`,
    `Do:        ${entry.remedy}`,
    ...(entry.rfc === null ? [] : [`Standard:  ${entry.rfc}`]),
    '',
  ].join('\n')
}

/** docs/findings.md, whole. */
export function printFindingsPage(): string {
  return [
    '# Findings',
    '',
    'What stswatch can find, printed from the code (`npm run docs`). `stswatch explain CODE` shows one entry; a domain',
    'leaves out the codes listed under its `ignore` in watch.yaml.',
    '',
    '- **critical**: mail is, or within 72 hours will be, refused by senders that verify.',
    '- **warning**: protection is lost or weakened, or will be.',
    '- **info**: worth knowing.',
    '',
    'What could not be found out is never a finding: it neither opens nor resolves anything. With a single resolver,',
    'findings that rest on something missing in the DNS need twice as many looks.',
    '',
    '| code | what it says |',
    '|---|---|',
    ...CATALOGUE.map(({ code, summary }) => `| [\`${code}\`](#${anchor(code)}) | ${cell(summary)} |`),
    '',
    ...CATALOGUE.flatMap(section),
  ].join('\n')
}

function section(entry: CatalogueEntry): readonly string[] {
  return [
    `## ${entry.code}`,
    '',
    cell(entry.summary),
    '',
    `- **Severity:** ${entry.severity}.`,
    `- **Told:** ${confirmationText(entry)}.`,
    `- **Why it matters:** ${cell(entry.why)}`,
    `- **What to do:** ${cell(entry.remedy)}`,
    ...(entry.rfc === null ? [] : [`- **Standard:** ${entry.rfc}`]),
    '',
  ]
}

function confirmationText({ confirmation }: CatalogueEntry): string {
  const { looks, minutes } = confirmation
  if (looks === 1) return 'at the first look'
  const span = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return `when ${looks} looks over at least ${span} agree`
}

/** GitHub's anchor of a heading. */
function anchor(code: string): string {
  return code.replaceAll('.', '')
}

/** Angle brackets are HTML to Markdown. */
function cell(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
