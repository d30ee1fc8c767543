import { expect, test } from 'vitest'
import { MAIL_RULES, SIGNATURE_RULES } from './receiver-mail-rules.ts'
import { type ArrivedReport, REPORT_RULES, type ReceiverRule, type Tags } from './receiver-rules.ts'

const DETAIL = {
  'result-type': 'validation-failure',
  'sending-mta-ip': '2001:db8::5',
  'receiving-mx-hostname': 'mx1.example.com',
  'receiving-ip': '192.0.2.25',
  'failed-session-count': 2,
  'failure-reason-code': 'tls-alert',
}
const POLICY = {
  'policy-type': 'sts',
  'policy-string': ['version: STSv1', 'mode: enforce', 'mx: *.example.com', 'max_age: 86400'],
  'policy-domain': 'example.com',
  'mx-host': ['*.example.com'],
}
const SUMMARY = { 'total-successful-session-count': 7, 'total-failure-session-count': 2 }
const ENTRY = { policy: POLICY, summary: SUMMARY, 'failure-details': [DETAIL] }
const REPORT = {
  'organization-name': 'Example',
  'date-range': { 'start-datetime': '2026-11-24T00:00:00Z', 'end-datetime': '2026-11-24T23:59:59Z' },
  'contact-info': 'tls@monitor.example',
  'report-id': '2026-11-24.ab12@monitor.example',
  policies: [ENTRY],
}
const HEADERS: Readonly<Record<string, string>> = {
  From: 'tls@monitor.example',
  To: 'tlsrpt@example.com',
  Subject:
    'Report Domain: example.com Submitter: monitor.example Report-ID: <2026-11-24.ab12@monitor.example>',
  Date: 'Wed, 25 Nov 2026 01:02:03 +0000',
  'Message-ID': '<0123@monitor.example>',
  'TLS-Report-Domain': 'example.com',
  'TLS-Report-Submitter': 'monitor.example',
  'TLS-Required': 'No',
  'Auto-Submitted': 'auto-generated',
  'MIME-Version': '1.0',
  'Content-Type': 'multipart/report; report-type="tlsrpt"; boundary="x"',
}
const SIGNATURE: Tags = {
  a: 'rsa-sha256',
  d: 'monitor.example',
  h: 'from:to:subject:date:message-id:mime-version:content-type:tls-report-domain:tls-report-submitter',
}
const KEY: Tags = { s: 'tlsrpt', p: Buffer.alloc(294).toString('base64') }
const FILE = 'monitor.example!example.com!1795478400!1795564799!20261124ab12.json.gz'

const GOOD: ArrivedReport = {
  json: JSON.stringify(REPORT),
  fileName: FILE,
  headers: Object.entries(HEADERS),
  parts: ['text/plain; charset=utf-8', 'application/tlsrpt+gzip'],
  dkim: { signature: SIGNATURE, key: KEY },
}

const ALL: readonly ReceiverRule[] = [...REPORT_RULES, ...MAIL_RULES, ...SIGNATURE_RULES]

const json = (more: object): Partial<ArrivedReport> => ({ json: JSON.stringify({ ...REPORT, ...more }) })
const entry = (more: object) => json({ policies: [{ ...ENTRY, ...more }] })
const policy = (more: object) => entry({ policy: { ...POLICY, ...more } })
const detail = (more: object) => entry({ 'failure-details': [{ ...DETAIL, ...more }] })
const headers = (more: Readonly<Record<string, string>>): Partial<ArrivedReport> => ({
  headers: Object.entries({ ...HEADERS, ...more }),
})
const signature = (more: Tags): Partial<ArrivedReport> => ({
  dkim: { signature: { ...SIGNATURE, ...more }, key: KEY },
})
const key = (more: Tags): Partial<ArrivedReport> => ({
  dkim: { signature: SIGNATURE, key: { ...KEY, ...more } },
})
const { 'contact-info': _, ...withoutContact } = REPORT

/** The rule, and reports that it alone is there for; others may complain as well. */
const BROKEN: Readonly<Record<string, readonly Partial<ArrivedReport>[]>> = {
  jsonIsIJson: [
    { json: `\ufeff${GOOD.json}` },
    { json: GOOD.json.replace('{', '{"report-id":"twice",') },
    { json: GOOD.json.replace('"Example"', '"\\ud83d"') },
  ],
  membersAreThoseOfTheSchema: [
    { json: JSON.stringify(withoutContact) },
    json({ version: 1 }),
    entry({ summary: { 'total-successful-session-count': 7 } }),
    policy({ 'mx-host-pattern': ['x'] }),
    detail({ 'additional-info-uri': 'x' }),
  ],
  datesHaveAZone: [
    json({
      'date-range': { 'start-datetime': '2026-11-24T00:00:00', 'end-datetime': '2026-11-24T23:59:59' },
    }),
  ],
  rangeIsOneUtcDay: [
    json({
      'date-range': { 'start-datetime': '2026-11-24T00:00:00Z', 'end-datetime': '2026-11-25T23:59:59Z' },
    }),
    json({
      'date-range': { 'start-datetime': '2026-11-24T01:00:00Z', 'end-datetime': '2026-11-25T00:59:59Z' },
    }),
  ],
  contactIsAnAddress: [
    json({ 'contact-info': 'mailto:tls@monitor.example' }),
    json({ 'contact-info': 'TLS <tls@monitor.example>' }),
  ],
  reportIdHasTwoSides: [json({ 'report-id': 'ab12' }), json({ 'report-id': '<ab12@monitor.example>' })],
  policiesAreAFilledList: [json({ policies: [] }), json({ policies: ENTRY })],
  typesAreRegistered: [policy({ 'policy-type': 'STS' }), detail({ 'result-type': 'mx-mismatch' })],
  policyDomainIsALabels: [
    policy({ 'policy-domain': 'bücher.example' }),
    policy({ 'policy-domain': 'example.com.' }),
  ],
  policyStringIsAListOfLines: [
    policy({ 'policy-string': 'version: STSv1' }),
    policy({ 'policy-string': ['version: STSv1\r'] }),
    policy({ 'policy-type': 'tlsa', 'policy-string': ['["3 1 1 ab"]'] }),
    policy({ 'policy-type': 'tlsa', 'policy-string': ['3 1 1 ab cd'] }),
  ],
  mxHostIsAList: [
    policy({ 'mx-host': '*.example.com' }),
    policy({ 'mx-host': ['mx: mx1.example.com'] }),
    policy({ 'policy-type': 'no-policy-found' }),
  ],
  countsAreWholeNumbers: [
    detail({ 'failed-session-count': '2' }),
    detail({ 'failed-session-count': 2 ** 53 }),
  ],
  detailsExplainTheTotal: [
    entry({ 'failure-details': [] }),
    detail({ 'failed-session-count': 3 }),
    detail({ 'failed-session-count': 0 }),
  ],
  addressesAreValidOrAbsent: [
    detail({ 'receiving-ip': '' }),
    detail({ 'receiving-ip': 'unknown' }),
    detail({ 'sending-mta-ip': '::ffff:192.0.2.1' }),
  ],
  hostNamesAreValidOrAbsent: [detail({ 'receiving-mx-hostname': 'mx1.example.com.' })],
  nothingIsEmpty: [
    detail({ 'failure-reason-code': '' }),
    detail({ 'receiving-ip': null }),
    policy({ 'policy-string': ['mode: enforce', ''] }),
  ],
  reasonsAreShort: [detail({ 'failure-reason-code': 'x'.repeat(1_025) })],
  vagueFailuresHaveAReason: [detail({ 'failure-reason-code': undefined })],
  reportIsNotTooLarge: [json({ 'organization-name': 'x'.repeat(11 * 1024 * 1024) })],
  subjectHasTheForm: [
    headers({ Subject: 'Report Domain: example.com Submitter: monitor.example Report-ID: ab12' }),
    headers({ Subject: 'Report domain: example.com Submitter: monitor.example Report-ID: <a@b>' }),
  ],
  fileNameHasTheForm: [{ fileName: 'report.json.gz' }, { fileName: FILE.replace('.json.gz', '.gz') }],
  nameAndSubjectAgreeWithTheReport: [
    json({ 'report-id': 'other@monitor.example' }),
    headers({ 'TLS-Report-Domain': 'other.example' }),
    { fileName: FILE.replace('1795478400', '1795478401') },
  ],
  submitterIsTheContactsDomain: [
    json({ 'contact-info': 'tls@corp.monitor.example' }),
    headers({ From: 'tls@other.example' }),
  ],
  partsAreATextAndTheReport: [
    { parts: ['text/html', 'application/tlsrpt+gzip'] },
    { parts: ['text/plain', 'application/gzip'] },
    headers({ 'Content-Type': 'multipart/mixed; boundary="x"' }),
  ],
  headersOfAnyMailAreThere: [
    headers({ Date: '' }),
    { headers: [...GOOD.headers, ['Subject', 'another one']] },
  ],
  messageIdIsOfTheSubmitter: [headers({ 'Message-ID': '<0123@localhost>' })],
  mailAsksForNoTlsAndNoAnswer: [headers({ 'TLS-Required': 'Yes' }), headers({ 'Auto-Submitted': 'no' })],
  signatureIsOfTheSubmitter: [signature({ d: 'provider.example' }), { dkim: null }],
  signatureCoversTheWholeBody: [signature({ l: '100' })],
  signatureCoversTheHeaders: [signature({ h: 'from:to:subject' })],
  signatureIsOfAStrongAlgorithm: [
    signature({ a: 'rsa-sha1' }),
    key({ p: Buffer.alloc(162).toString('base64') }),
  ],
  keyServesTlsReports: [key({ s: 'email' })],
}

test('a good report breaks no rule, and every rule has a report that breaks it', () => {
  expect(ALL.flatMap((rule) => rule(GOOD) ?? [])).toEqual([])
  expect(new Set(Object.keys(BROKEN))).toEqual(new Set(ALL.map(({ name }) => name)))
})

test.each(ALL.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  for (const change of BROKEN[name] ?? []) {
    const complaint = rule({ ...GOOD, ...change })
    expect([JSON.stringify(change).slice(0, 200), complaint]).toEqual([expect.anything(), expect.any(String)])
  }
})

test.each([{ s: '*' }, { s: 'email:tlsrpt' }])('a key with $s serves TLS reports', (tags) => {
  expect(SIGNATURE_RULES.flatMap((rule) => rule({ ...GOOD, ...key(tags) }) ?? [])).toEqual([])
})
