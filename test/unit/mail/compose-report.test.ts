import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { composeReportMail, type ReportMailDraft } from '../../../src/mail/compose-report.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { readReportFileName, readReportSubject } from '../../../src/protocol/tlsrpt/report-mail.ts'
import { formatReportFileName, type ReportName } from '../../../src/protocol/tlsrpt/report-name.ts'
import { header, readMail } from './read-mail.ts'

const NAME: ReportName = {
  submitter: 'mail.example.net' as DomainName,
  policyDomain: 'example.com' as DomainName,
  startAt: Date.UTC(2026, 10, 24),
  endAt: Date.UTC(2026, 10, 24, 23, 59, 59),
  reportId: '2026-11-24.a1b2@mail.example.net',
}
const DRAFT: ReportMailDraft = {
  from: 'tls-reports@mail.example.net' as MailAddress,
  to: 'reports@example.com' as MailAddress,
  name: NAME,
  createdAt: Date.UTC(2026, 10, 25, 1, 2, 3),
  messageId: '<0123@mail.example.net>',
  boundaryKey: 'cd'.repeat(32),
  text: 'A report.\n',
  gzip: gzipSync('{}'),
}
const LONG = `${'a'.repeat(60)}.`.repeat(4).slice(0, 240) as DomainName

describe('a report as a mail', () => {
  test('has exactly the headers of RFC 8460 §5.3, and those that keep it from answers and refusals', () => {
    const { headers, parts } = readMail(composeReportMail(DRAFT))
    expect(headers).toEqual([
      ['From', 'tls-reports@mail.example.net'],
      ['To', 'reports@example.com'],
      [
        'Subject',
        'Report Domain: example.com Submitter: mail.example.net Report-ID: <2026-11-24.a1b2@mail.example.net>',
      ],
      ['Date', 'Wed, 25 Nov 2026 01:02:03 +0000'],
      ['Message-ID', '<0123@mail.example.net>'],
      ['TLS-Report-Domain', 'example.com'],
      ['TLS-Report-Submitter', 'mail.example.net'],
      ['TLS-Required', 'No'],
      ['Auto-Submitted', 'auto-generated'],
      ['MIME-Version', '1.0'],
      [
        'Content-Type',
        'multipart/report; report-type="tlsrpt"; boundary="=_reportcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"',
      ],
    ])
    expect(parts).toEqual([
      { type: 'text/plain; charset=utf-8', content: 'A report.\r\n' },
      { type: 'application/tlsrpt+gzip', content: Buffer.from(DRAFT.gzip).toString('latin1') },
    ])
  })

  test('the same draft gives the same bytes', () => {
    expect(composeReportMail({ ...DRAFT })).toBe(composeReportMail(DRAFT))
  })

  test('names of any length stay within the lines that mail allows, and can be read back', () => {
    const name = { ...NAME, submitter: LONG, policyDomain: LONG }
    const { headers } = readMail(composeReportMail({ ...DRAFT, name }))
    expect(readReportSubject(header(headers, 'Subject'))).toEqual({
      submitter: LONG,
      policyDomain: LONG,
      reportId: NAME.reportId,
    })
  })
})

test('the name of the file says who reports on whom, and of when', () => {
  const fileName = formatReportFileName(NAME)
  expect(fileName).toBe('mail.example.net!example.com!1795478400!1795564799!20261124a1b2.json.gz')
  expect(readReportFileName(fileName)).toMatchObject({
    submitter: NAME.submitter,
    policyDomain: NAME.policyDomain,
    startAt: NAME.startAt,
    endAt: NAME.endAt,
  })
})
