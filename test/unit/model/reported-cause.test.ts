import { expect, test } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { explainsFailure } from '../../../src/model/reported-cause.ts'
import { BROKEN_FACES } from '../check/broken-faces.ts'
import { context, MX1, MX2, watched } from '../check/snapshot-builder.ts'

test('an expired second certificate explains what only some senders report of that host', () => {
  const findings = BROKEN_FACES.flatMap(
    (one) => judge(one.snapshot, watched(one.domain), context(one.context)).findings,
  )
  const expired = findings.find(({ code }) => code === 'mx.certificate.key-types-differ')
  if (expired === undefined) throw new Error('no sample')
  const explains = (resultType: string | null, mx: string | null) =>
    explainsFailure(expired, { resultType, mx })
  expect(explains('certificate-expired', MX1)).toBe(true)
  expect(explains('certificate-expired', null)).toBe(true)
  expect(explains('certificate-expired', MX2)).toBe(false)
  expect(explains('certificate-host-mismatch', MX1)).toBe(false)
  expect(explains('starttls-not-supported', MX1)).toBe(false)
  expect(explains(null, MX1)).toBe(false)
})
