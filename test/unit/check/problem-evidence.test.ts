import { expect, it } from 'vitest'
import { asEvidence } from '../../../src/check/mta-sts-record.ts'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'

it('keeps every problem of an ordinary bad policy', () => {
  const { problems } = parseStsPolicy('version: STSv1\nmode: Enforce\n\nmx: *\n')
  expect(asEvidence(problems).map(({ code }) => code)).toEqual(problems.map(({ code }) => code))
})

it('keeps the first hundred and a count of a text that is nothing but problems', () => {
  const { problems } = parseStsPolicy('\n'.repeat(65_536))
  const evidence = asEvidence(problems)
  expect(evidence).toHaveLength(101)
  expect(evidence.at(-1)).toMatchObject({
    line: null,
    message: expect.stringContaining('65440 more problems'),
  })
})
