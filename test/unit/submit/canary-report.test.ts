import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { DAY_MS } from '../../../src/lib/time.ts'
import { CANARY_DOMAIN } from '../../../src/model/canary.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { readTlsReports } from '../../../src/protocol/tlsrpt/report.ts'
import { canarySubmission } from '../../../src/submit/canary-report.ts'
import { reportMail } from '../../../src/submit/send-report.ts'
import { header, readMail } from '../mail/read-mail.ts'

const SLOT = Date.UTC(2026, 10, 23, 5, 23)
const RUA = 'mailto:tls@example.net'
const contact = 'monitor@ops.example' as MailAddress
const sender = (key: string) => ({
  author: { organizationName: 'Ops', contact },
  mac: (text: string) => createHmac('sha256', key).update(text).digest('hex'),
})

test('the same slot and address give the same report with the same ids; another one gives others', () => {
  const of = (slotAt: number, rua: string, key = 'k') => canarySubmission({ rua, slotAt }, sender(key), SLOT)
  expect(of(SLOT, RUA)).toEqual(of(SLOT, RUA))
  const all = [of(SLOT, RUA), of(SLOT + 1, RUA), of(SLOT, 'mailto:b@example.net')]
  expect(new Set(all.map(({ id }) => id)).size).toBe(3)
  expect(new Set(all.map(({ reportId }) => reportId)).size).toBe(3)
})

test('nobody without the key can foresee its id', () => {
  const ids = ['k', 'l'].map(
    (key) => canarySubmission({ rua: RUA, slotAt: SLOT }, sender(key), SLOT).reportId,
  )
  expect(ids[0]).toMatch(/^canary\.2026-11-23T0523\.[0-9a-f]{32}@ops\.example$/)
  expect(ids[0]).not.toBe(ids[1])
})

test('it is a TLS report without a deviation, about a domain that nobody has and without a session', () => {
  const { report, domain } = canarySubmission({ rua: RUA, slotAt: SLOT }, sender('k'), SLOT)
  const { reports, deviations } = readTlsReports(report)
  expect(deviations).toEqual([])
  expect(domain).toBe(CANARY_DOMAIN)
  expect(reports).toMatchObject([
    {
      startAt: Date.UTC(2026, 10, 22),
      endAt: Date.UTC(2026, 10, 22) + DAY_MS - 1_000,
      policies: [{ policyDomain: CANARY_DOMAIN, successfulSessions: 0, failedSessions: 0 }],
    },
  ])
})

test('its mail tells whoever finds it that nothing is to be done', () => {
  const submission = canarySubmission({ rua: RUA, slotAt: SLOT }, sender('k'), SLOT)
  const by = { author: sender('k').author, submitter: 'ops.example' as DomainName }
  const raw = reportMail(submission, 'tls@example.net' as MailAddress, Buffer.from('x'), by)
  const { headers, parts } = readMail(raw)
  expect(header(headers, 'TLS-Report-Domain')).toBe(CANARY_DOMAIN)
  expect(parts[0]?.content).toContain('This is a canary')
  expect(parts[0]?.content).toContain('sent it on 2026-11-23 05:23 UTC')
  expect(parts[0]?.content).toContain('Nothing has to be done with it.')
})
