import { describe, expect, it } from 'vitest'
import {
  readReportFileName,
  readReportSubject,
  reportHints,
} from '../../../../src/protocol/tlsrpt/report-mail.ts'

describe('a subject', () => {
  it.each([
    [
      'Report Domain: a.example Submitter: s.example Report-ID: <1@s.example>',
      'a.example',
      's.example',
      '1@s.example',
    ],
    [
      'Report Domain:\r\n a.example\r\n\tSubmitter: s.example\r\n Report-ID: <1>',
      'a.example',
      's.example',
      '1',
    ],
    [
      'Report Domain: a.example Submitter: s.example Report-ID: 133+a.example',
      'a.example',
      's.example',
      '133+a.example',
    ],
    ['Report domain: A.example. submitter: x y', 'a.example', 'x', null],
  ])('%j', (subject, policyDomain, submitter, reportId) => {
    expect(readReportSubject(subject)).toEqual({ policyDomain, submitter, reportId })
  })

  it.each(['', 'Cron <root@a>', 'Report-ID: <x>', 'My domain: a.example'])(
    '%j is none of a report',
    (subject) => {
      expect(readReportSubject(subject)).toBeNull()
    },
  )
})

describe('a file name', () => {
  it.each([
    's.example!a.example!1768003200!1768089599.json',
    's.example!a.example!1768003200!1768089599.json.gz',
    's.example!a.example!1768003200!1768089599!001.json.gz',
    's.example!a.example!\r\n  1768003200!1768089599.json.gz',
  ])('%j', (name) => {
    expect(readReportFileName(name)).toEqual({
      submitter: 's.example',
      policyDomain: 'a.example',
      startAt: Date.UTC(2026, 0, 10),
      endAt: Date.UTC(2026, 0, 10, 23, 59, 59),
    })
  })

  it.each(['', 'report.json.gz', 'a!b!c!d.json', '!!!'])('%j tells nothing', (name) => {
    expect(readReportFileName(name)).toBeNull()
  })
})

describe('hints', () => {
  const headers = {
    tlsReportDomain: 'Header.example',
    tlsReportSubmitter: ' s.example ',
    subject: 'Report Domain: subject.example Submitter: s.example Report-ID: <1@s.example>',
    fromAddress: 'tls@mail.s.example',
    sentAt: Date.UTC(2026, 0, 11, 4, 5),
  }
  const name = 's.example!file.example!1768003200!1768089599.json'

  it('take the domain from subject, file name, header in this order', () => {
    expect(reportHints(headers, name).policyDomain).toBe('subject.example')
    expect(reportHints({ ...headers, subject: null }, name).policyDomain).toBe('file.example')
    expect(reportHints({ ...headers, subject: null }, null).policyDomain).toBe('header.example')
    expect(reportHints({ ...headers, subject: null, tlsReportDomain: 'a b' }, null).policyDomain).toBeNull()
  })

  it('take the range from the file name, else the day before the mail', () => {
    expect(reportHints({ ...headers, sentAt: null }, name)).toMatchObject({ startAt: 1_768_003_200_000 })
    expect(reportHints(headers, null)).toMatchObject({
      startAt: Date.UTC(2026, 0, 10),
      endAt: Date.UTC(2026, 0, 10, 23, 59, 59),
      submitter: 's.example',
      senderDomain: 'mail.s.example',
      reportId: '1@s.example',
    })
    expect(reportHints({ ...headers, sentAt: null }, null)).toMatchObject({ startAt: null, endAt: null })
  })
})
