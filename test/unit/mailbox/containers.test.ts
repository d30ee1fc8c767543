import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import { sumSessions } from '../../../src/protocol/tlsrpt/report.ts'
import { containerCases } from '../../vectors/cases.ts'
import { plainReport } from '../protocol/tlsrpt/report-builder.ts'
import { GZIPPED, HUMAN, MACHINE, mail, part, REPORT, zip } from './mail-builder.ts'

const JSON_PART = { ...MACHINE, type: 'application/tlsrpt+json', body: REPORT }
const base64 = GZIPPED.toString('base64')
const second = Buffer.from(JSON.stringify({ ...plainReport(), 'report-id': 'r2' }))
const withName = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
  Buffer.from('../../etc/passwd\0'),
  GZIPPED.subarray(10),
])
const deflated = { name: 'report.json', bytes: deflateRawSync(REPORT), method: 8 as const }

/** What each container case looks like; the DKIM cases are about trust, two more about the store. */
const MAILS: Readonly<Record<string, Buffer>> = {
  'mp-report-gzip': mail({ parts: [HUMAN, MACHINE] }),
  'mp-report-json': mail({ parts: [HUMAN, { ...JSON_PART, encoding: 'quoted-printable' }] }),
  'mp-mixed': mail({ contentType: 'multipart/mixed', parts: [HUMAN, MACHINE] }),
  'nested-in-mixed': mail({
    contentType: 'multipart/mixed',
    parts: [
      {
        type: 'multipart/report; report-type=tlsrpt; boundary=b1',
        encoding: '8bit',
        isRaw: true,
        body: Buffer.concat([
          Buffer.from('--b1\r\n'),
          part(HUMAN),
          Buffer.from('\r\n--b1\r\n'),
          part(MACHINE),
          Buffer.from('\r\n--b1--'),
        ]),
      },
      { ...HUMAN, body: 'Disclaimer' },
    ],
  }),
  'gzip-type': mail({ parts: [HUMAN, { ...MACHINE, type: 'application/x-gzip' }] }),
  'zip-type': mail({ parts: [HUMAN, { ...MACHINE, type: 'application/zip', body: zip([deflated]) }] }),
  'type-tlsrpt-bare': mail({ parts: [HUMAN, { ...MACHINE, type: 'application/tlsrpt' }] }),
  'filename-folded': mail({
    parts: [HUMAN, { ...MACHINE, name: 'sender.example!a.example!\r\n  1768003200!1768089599.json.gz' }],
  }),
  'filename-missing': mail({ parts: [HUMAN, { type: MACHINE.type, body: GZIPPED }] }),
  'filename-disagrees': mail({
    parts: [HUMAN, { ...MACHINE, name: 's.example!other.example!1!2.json.gz' }],
  }),
  'subject-folded': mail({
    subject:
      'Report Domain:\r\n a.example\r\n Submitter:\r\n sender.example\r\n Report-ID:\r\n <r1@sender.example>',
    parts: [HUMAN, MACHINE],
  }),
  'subject-encoded-word': mail({
    subject: `=?utf-8?B?${Buffer.from('Report Domain: a.example').toString('base64')}?=`,
    parts: [HUMAN, MACHINE],
  }),
  'headers-missing': mail({ reportHeaders: [], parts: [HUMAN, MACHINE] }),
  'submitter-mismatch': mail({
    reportHeaders: ['TLS-Report-Domain: a.example', 'TLS-Report-Submitter: other.example'],
    parts: [HUMAN, MACHINE],
  }),
  'first-part-missing': mail({ parts: [MACHINE] }),
  'two-reports': mail({ parts: [HUMAN, MACHINE, { ...MACHINE, body: gzipSync(second) }] }),
  'base64-bad-chars': mail({
    parts: [
      HUMAN,
      { ...MACHINE, isRaw: true, body: `${base64.slice(0, 9)} * ${base64.slice(9).replace(/=+$/, '')}` },
    ],
  }),
  'gzip-truncated': mail({ parts: [HUMAN, { ...MACHINE, body: GZIPPED.subarray(0, -8) }] }),
  'gzip-name-traversal': mail({ parts: [HUMAN, { ...MACHINE, body: withName }] }),
  dmarc: mail({
    subject: 'Report Domain: a.example Submitter: sender.example Report-ID: <1>',
    reportHeaders: [],
    contentType: 'multipart/mixed',
    parts: [
      HUMAN,
      {
        type: 'application/gzip',
        name: 'x!a.example!1!2.xml.gz',
        body: gzipSync('<?xml version="1.0"?><feedback/>'),
      },
    ],
  }),
}

const isElsewhere = (id: string) =>
  id.startsWith('dkim-') || id === 'duplicate-mail' || id === 'same-id-other-content'

describe('container cases', () => {
  it.each(containerCases.filter(({ id }) => !isElsewhere(id)))('$id', async ({ id, outcome }) => {
    const bytes = MAILS[id]
    if (bytes === undefined) throw new Error('no mail for this case')
    const reading = await readReports(bytes)
    expect(reading.outcome).toBe(outcome === 'ignore' ? 'reject' : outcome)
    if (outcome === 'ignore') return
    const { success, failure } = sumSessions(reading.reports)
    expect(success / failure).toBe(5)
    expect(reading.deviations.length === 0).toBe(outcome === 'accept')
  })
})

describe('a mail', () => {
  const codesOf = async (bytes: Uint8Array) =>
    (await readReports(bytes)).deviations.map(({ code }) => code).sort()

  const headersOnly = mail({ parts: [] }).toString().split('Content-Type')[0] ?? ''
  const forwarded = {
    type: 'message/rfc822',
    encoding: '8bit' as const,
    isRaw: true,
    body: mail({ boundary: 'inner', parts: [HUMAN, MACHINE] }),
  }

  it.each<[string, Buffer, readonly string[]]>([
    [
      'that is the report',
      Buffer.concat([Buffer.from(headersOnly), part(MACHINE)]),
      ['human-part-missing', 'not-multipart-report'],
    ],
    [
      'from a mail store',
      Buffer.concat([Buffer.from('From tls@sender.example Sun Jan 11\n'), mail({ parts: [HUMAN, MACHINE] })]),
      [],
    ],
    [
      'with JSON under the name of gzip',
      mail({ parts: [HUMAN, { ...MACHINE, body: REPORT }] }),
      ['media-type-disagrees'],
    ],
    [
      'with a report without type',
      mail({ parts: [HUMAN, { ...MACHINE, type: 'application/octet-stream', name: 'a.bin' }] }),
      ['media-type'],
    ],
    [
      'with a report as its text',
      mail({ contentType: 'multipart/mixed', parts: [{ ...HUMAN, body: REPORT }] }),
      ['media-type', 'not-multipart-report'],
    ],
    [
      'with a report below its text',
      mail({ parts: [{ ...HUMAN, body: `See:\r\n${REPORT}\r\n--\r\nbye` }] }),
      ['media-type', 'trailing-text'],
    ],
    [
      'with base64 inside base64',
      mail({ parts: [HUMAN, { ...JSON_PART, body: REPORT.toString('base64') }] }),
      ['base64-twice', 'media-type-disagrees'],
    ],
    [
      'with text after the base64',
      mail({
        parts: [HUMAN, { ...MACHINE, isRaw: true, body: `${GZIPPED.toString('base64')}\r\nbest regards` }],
      }),
      ['base64-damaged', 'gzip-trailing-bytes'],
    ],
    [
      'forwarded',
      mail({ contentType: 'multipart/mixed', reportHeaders: [], parts: [HUMAN, forwarded] }),
      ['forwarded'],
    ],
    [
      'with other attachments',
      mail({
        parts: [
          HUMAN,
          MACHINE,
          { type: 'application/json', body: '{"a":1}' },
          { type: 'image/png', body: 'x' },
        ],
      }),
      [],
    ],
  ])('%s', async (_, bytes, expected) => {
    const reading = await readReports(bytes)
    expect(reading.deviations.map(({ code }) => code).sort()).toEqual(expected)
    expect(sumSessions(reading.reports)).toEqual({ success: 10, failure: 2 })
  })

  it('with a second report that is broken is a partial reading', async () => {
    const reading = await readReports(
      mail({ parts: [HUMAN, MACHINE, { ...MACHINE, body: gzipSync('{"policies":') }] }),
    )
    expect(reading).toMatchObject({ outcome: 'partial', deviations: [{ code: 'not-json' }] })
    expect(reading.reports).toHaveLength(1)
  })

  it('fills the gaps of its report', async () => {
    const { policies, ...rest } = plainReport()
    const bare = { ...rest, 'date-range': null, policies: [{ policy: { 'policy-type': 'no-policy-found' } }] }
    const { reports } = await readReports(
      mail({ parts: [HUMAN, { ...JSON_PART, body: JSON.stringify(bare) }] }),
    )
    expect(policies).toHaveLength(1)
    expect(reports).toMatchObject([
      {
        startAt: Date.UTC(2026, 0, 10),
        endAt: Date.UTC(2026, 0, 10, 23, 59, 59),
        policies: [{ policyDomain: 'a.example' }],
      },
    ])
  })

  it.each([
    ['bounces', 'multipart/report; report-type=delivery-status', []],
    ['acknowledges', 'multipart/report; report-type=disposition-notification', []],
    ['answers by itself', 'multipart/mixed', ['Auto-Submitted: auto-replied (vacation)']],
  ])('that %s and returns somebody’s report brings none', async (_what, contentType, reportHeaders) => {
    expect(await codesOf(mail({ contentType, reportHeaders, parts: [HUMAN, forwarded] }))).toEqual([
      'no-report',
    ])
  })

  it('without a report says so and nothing else', async () => {
    expect(
      await codesOf(mail({ contentType: 'multipart/mixed', reportHeaders: [], parts: [HUMAN] })),
    ).toEqual(['no-report'])
    expect(await codesOf(Buffer.from('From: a@b.example\r\nSubject: Cron\r\n\r\nall well\r\n'))).toEqual([
      'no-report',
    ])
  })
})

describe('a file', () => {
  const truncated = zip([deflated]).subarray(0, -30)
  it.each<[string, Uint8Array, readonly string[]]>([
    ['json', REPORT, []],
    ['json after blank lines', Buffer.concat([Buffer.from('\r\n \n'), REPORT]), []],
    ['json with a byte order mark', Buffer.concat([Buffer.from('\ufeff'), REPORT]), ['byte-order-mark']],
    ['gzip', GZIPPED, []],
    [
      'gzip in two members',
      Buffer.concat([gzipSync(REPORT.subarray(0, 99)), gzipSync(REPORT.subarray(99))]),
      [],
    ],
    ['gzip padded with zeros', Buffer.concat([GZIPPED, Buffer.alloc(512)]), []],
    ['gzip and garbage', Buffer.concat([GZIPPED, Buffer.from('garbage')]), ['gzip-trailing-bytes']],
    ['gzip twice', gzipSync(GZIPPED), ['compressed-twice']],
    ['gzip as text', Buffer.from(GZIPPED.toString('base64')), ['base64-twice']],
    ['zlib', deflateSync(REPORT), ['zlib-container']],
    ['zip', zip([deflated]), ['zip-container']],
    ['zip without compression', zip([{ name: 'x', bytes: REPORT }]), ['zip-container']],
    [
      'zip with gzip inside',
      zip([{ name: 'x.json.gz', bytes: GZIPPED }]),
      ['compressed-twice', 'zip-container'],
    ],
    [
      'zip made by a Mac',
      zip([
        { name: 'dir/', bytes: Buffer.alloc(0) },
        deflated,
        { name: '__MACOSX/._report.json', bytes: Buffer.from('x') },
      ]),
      ['zip-container'],
    ],
  ])('%s', async (_, bytes, expected) => {
    const reading = await readReports(bytes)
    expect(reading.deviations.map(({ code }) => code).sort()).toEqual(expected)
    expect(sumSessions(reading.reports)).toEqual({ success: 10, failure: 2 })
  })

  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(), 'not-json'],
    ['three times gzip', gzipSync(gzipSync(GZIPPED)), 'compressed-too-often'],
    [
      'gzip with a wrong check sum',
      Buffer.from(GZIPPED).fill(7, GZIPPED.length - 8, GZIPPED.length - 4),
      'compression-damaged',
    ],
    ['gzip broken inside', Buffer.from(GZIPPED).fill(255, 30, 60), 'compression-damaged'],
    ['half a gzip', GZIPPED.subarray(0, 150), 'not-json'],
    ['zip cut', truncated, 'zip-damaged'],
    ['zip encrypted', zip([{ ...deflated, flags: 1 }]), 'zip-damaged'],
    ['zip by another method', zip([{ ...deflated, method: 9 as never }]), 'zip-damaged'],
    ['XML', Buffer.from('<feedback/>'), 'xml-not-json'],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]), 'not-json'],
  ])('%s is rejected', async (_, bytes, code) => {
    const reading = await readReports(bytes)
    expect(reading.outcome).toBe('reject')
    expect(reading.deviations.map((deviation) => deviation.code)).toContain(code)
  })

  it('may tell the range and the domain by its name', async () => {
    const bare = Buffer.from('{"policies":[{"policy":{"policy-type":"no-policy-found"}}]}')
    const { reports } = await readReports(bare, 's.example!n.example!1768003200!1768089599.json')
    expect(reports).toMatchObject([
      { startAt: Date.UTC(2026, 0, 10), policies: [{ policyDomain: 'n.example' }] },
    ])
  })
})
