import { expect, test } from 'vitest'
import type { Authenticity } from '../../../src/model/received-report.ts'
import { reportContentSha256, reportIdentity } from '../../../src/model/report-identity.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { claimedBy, day, GOOGLE, policy, signedBy, tlsReport } from '../../contract/report-samples.ts'

const border: Authenticity = { trust: 'border', signer: GOOGLE, authservId: 'mx.example.com' }
const REPORT = tlsReport(0)
const OTHER = 'other.example' as DomainName

test('who signed is who answers, whether we or the border saw it; the selector is none of it', () => {
  const identity = reportIdentity(signedBy(GOOGLE), REPORT)
  expect(identity).toMatch(/^[0-9a-f]{64}$/)
  expect(reportIdentity(border, REPORT)).toBe(identity)
  expect(reportIdentity({ trust: 'verified', signer: GOOGLE, selector: 's2' }, REPORT)).toBe(identity)
  expect(reportIdentity(signedBy('other.example'), REPORT)).not.toBe(identity)
})

test('what is only claimed never has the identity of what was signed', () => {
  const identities = [signedBy(GOOGLE), claimedBy(GOOGLE), claimedBy(null), claimedBy('other.example')].map(
    (who) => reportIdentity(who, REPORT),
  )
  expect(new Set(identities).size).toBe(4)
})

test.each([
  ['report-id', tlsReport(0, { reportId: 'another' })],
  ['no report-id', tlsReport(0, { reportId: null })],
  ['start', tlsReport(0, { startAt: day(-1) })],
  ['end', tlsReport(0, { endAt: null })],
  ['domain', tlsReport(0, { policies: [policy({ policyDomain: OTHER })] })],
  ['no domain', tlsReport(0, { policies: [policy({ policyDomain: null })] })],
  ['type', tlsReport(0, { policies: [policy({ policyType: 'tlsa' })] })],
  ['one policy more', tlsReport(0, { policies: [policy(), policy({ policyDomain: OTHER })] })],
])('another %s makes another report', (_, other) => {
  expect(reportIdentity(signedBy(GOOGLE), other)).not.toBe(reportIdentity(signedBy(GOOGLE), REPORT))
})

test('numbers, names and the order of policies do not; but they are other content', () => {
  const two = [policy(), policy({ policyDomain: OTHER })]
  const report = tlsReport(0, { policies: two })
  const others = [
    tlsReport(0, { policies: two.toReversed() }),
    tlsReport(0, { policies: two.map((one) => ({ ...one, failedSessions: 7 })) }),
    { ...report, organizationName: 'Another', contactInfo: null },
  ]
  for (const other of others) {
    expect(reportIdentity(signedBy(GOOGLE), other)).toBe(reportIdentity(signedBy(GOOGLE), report))
    expect(reportContentSha256(other)).not.toBe(reportContentSha256(report))
  }
  expect(reportContentSha256({ ...report })).toBe(reportContentSha256(report))
})

test('a separator inside a text cannot make two reports one', () => {
  const one = tlsReport(0, { reportId: 'a","b' })
  const other = tlsReport(0, { reportId: 'a' })
  expect(reportIdentity(signedBy(GOOGLE), one)).not.toBe(reportIdentity(signedBy(GOOGLE), other))
})
