import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { redactReportText } from '../../../../src/protocol/tlsrpt/redact-report.ts'
import { readTlsReports, sumSessions } from '../../../../src/protocol/tlsrpt/report.ts'
import { reportCases, reportSource } from '../../../vectors/cases.ts'
import { bentReport, plainReport } from './report-builder.ts'

const redacted = (report: object) => JSON.parse(redactReportText(JSON.stringify(report)))

describe('what names somebody is replaced, the same by the same', () => {
  it('in every member', () => {
    expect(redacted(plainReport())).toEqual({
      'organization-name': 'Organization-1',
      'date-range': { 'start-datetime': '2026-01-10T00:00:00Z', 'end-datetime': '2026-01-10T23:59:59Z' },
      'contact-info': 'contact@domain1.example',
      'report-id': 'report-1@domain1.example',
      policies: [
        {
          policy: {
            'policy-type': 'sts',
            'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx1.domain2.example', 'max_age: 86400'],
            'policy-domain': 'domain2.example',
            'mx-host': ['mx1.domain2.example'],
          },
          summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 2 },
          'failure-details': [
            {
              'result-type': 'certificate-expired',
              'sending-mta-ip': '192.0.2.1',
              'receiving-mx-hostname': 'mx1.domain2.example',
              'receiving-ip': '192.0.2.2',
              'failed-session-count': 2,
            },
          ],
        },
      ],
    })
  })

  it.each<[string, readonly (string | number)[], string, string]>([
    [
      'a wildcard and its host',
      ['policies', 0, 'policy', 'mx-host', 0],
      '*.Cluster.A.example',
      '*.HOST1.DOMAIN2.EXAMPLE',
    ],
    ['a root dot', ['policies', 0, 'policy', 'policy-domain'], 'a.example.', 'domain2.example.'],
    ['U-labels', ['policies', 0, 'policy', 'policy-domain'], 'bücher.example', 'dömain3.example'],
    ['what is no name', ['policies', 0, 'policy', 'policy-domain'], 'a b.example', 'no name host-1'],
    ['a name without dots', ['policies', 0, 'failure-details', 0, 'receiving-mx-hostname'], 'wotan', 'host1'],
    ['IPv6', ['policies', 0, 'failure-details', 0, 'receiving-ip'], '2a00:1450::1b', '2001:db8::1'],
    [
      'what is no address',
      ['policies', 0, 'failure-details', 0, 'receiving-ip'],
      'mx.a.example',
      'address-1',
    ],
    ['an unknown type', ['policies', 0, 'failure-details', 0, 'result-type'], 'Muster', 'result-1'],
    ['a mailto URI', ['contact-info'], 'mailto:tls@b.example', 'mailto:contact@domain1.example'],
    ['a contact with a name', ['contact-info'], 'Erika <tls@b.example>', 'Contact <contact@domain1.example>'],
    ['a contact that is none', ['contact-info'], 'call Erika', 'contact-1'],
    [
      'a report-id that ends in the domain',
      ['report-id'],
      '2026-01-10T00:00:00Z_a.example',
      'report-1_domain2.example',
    ],
    [
      'a TLSA record',
      ['policies', 0, 'policy', 'policy-string', 0],
      `3 1 1 ${'AB'.repeat(32)}`,
      `3 1 1 ${'1'.padStart(64, '0')}`,
    ],
    [
      'an answer to EHLO',
      ['policies', 0, 'failure-details', 0, 'receiving-mx-helo'],
      '250-mx1.a.example Hello [192.0.2.77]\r\n250 STARTTLS',
      '250-mx1.domain2.example Hello [192.0.2.3]\r\n250 STARTTLS',
    ],
    [
      'a URL',
      ['policies', 0, 'failure-details', 0, 'additional-information'],
      'https://reports.b.example/erika?secret=1',
      'https://host1.domain3.example/redacted',
    ],
    [
      'a reason in words',
      ['policies', 0, 'failure-details', 0, 'failure-reason-code'],
      'Get "https://mta-sts.a.example/.well-known/mta-sts.txt": refused by Sender at 203.0.113.9, 2a00::7; ask erika@b.example',
      'Get "https://mta-sts.domain2.example/.well-known/mta-sts.txt": refused by redacted at 192.0.2.3, 2001:db8::1; ask somebody@domain3.example',
    ],
  ])('%s', (_, path, value, expected) => {
    const at = (report: unknown) =>
      path.reduce<unknown>((place, step) => (place as Record<string, unknown>)[step], report)
    expect(at(redacted(bentReport(path, value)))).toBe(expected)
  })

  it('in members that nobody knows, and around the JSON', () => {
    const text =
      'Dear Erika,\n{"policies":[],"Erika":"Muster","x":{"y":"1","z":[true,-1.5e3]}}\nErika {at 192.0.2.77}'
    expect(redactReportText(text)).toBe(
      'xxxx xxxxx,\n{"policies":[],"member-1":"redacted","member-2":{"member-3":"redacted","member-4":[true,-1.5e3]}}\nxxxxx {xx xxxxxxxxxx}',
    )
  })

  it('in what is no report at all', () => {
    expect(redactReportText('Erika\u0000 Muster')).toBe('xxxxxx xxxxxx')
    expect(redactReportText('"Erika')).toBe('"xxxxx')
  })
})

describe('a redacted report reads as the original does', () => {
  const gist = (text: string) => {
    const { outcome, reports, deviations } = readTlsReports(text)
    return {
      outcome,
      reports: reports.length,
      sums: sumSessions(reports),
      deviations: deviations.map(({ code }) => code),
    }
  }

  it.each(
    reportCases
      .filter(({ outcome }) => outcome !== 'reject')
      .map((testCase) => [testCase.id, testCase] as const),
  )('%s', (_, testCase) => {
    const text = Buffer.from(reportSource(testCase)).toString('utf8')
    expect(gist(redactReportText(text))).toEqual(gist(text))
  })

  const FOLDER = join(import.meta.dirname, '../../../../../shared/samples/tlsrpt')
  if (!existsSync(FOLDER)) {
    process.stderr.write(
      `\nNOT TESTED: no sample reports at ${FOLDER}; real senders' reports were not redacted.\n\n`,
    )
    it('sample reports are there in CI', () => expect(process.env.CI).not.toBe('true'))
  } else {
    it.each(readdirSync(FOLDER).filter((name) => /\.json$|40-.*gz$/.test(name)))(
      '%s, and no name is left',
      (name) => {
        const bytes = readFileSync(join(FOLDER, name))
        const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
        const clean = redactReportText(text)
        expect(gist(clean)).toEqual(gist(text))
        for (const word of namesIn(text)) expect(clean.toLowerCase()).not.toContain(word)
      },
    )
  }
})

/** Domains, addresses, contact and organization of a report, as they stand in it. */
function namesIn(text: string): readonly string[] {
  const own = readTlsReports(text).reports.flatMap((report) => [
    report.contactInfo,
    ...report.policies.flatMap((policy) => [
      policy.policyDomain,
      ...policy.mxHostPatterns.map((host) => host.replace(/^\*\./, '')),
      ...policy.failureDetails.flatMap((detail) => [
        detail.sendingMtaIp,
        detail.receivingIp,
        detail.receivingMxHostname,
      ]),
    ]),
  ])
  const isPublic = (word: string) => !/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:db8:/.test(word)
  return own
    .filter((word) => word !== null)
    .map((word) => word.toLowerCase())
    .filter((word) => word.includes('.') && isPublic(word))
}
