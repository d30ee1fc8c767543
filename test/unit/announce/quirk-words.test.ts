import { expect, test } from 'vitest'
import { POLICY_QUIRK_WORDS, quirkWords } from '../../../src/announce/quirk-words.ts'
import { POLICY_RULES } from '../../../src/protocol/mta-sts/policy-rules.ts'
import { RECORD_RULES } from '../../../src/protocol/mta-sts/record-rules.ts'

test.each(Object.keys(RECORD_RULES))('the peculiarity %s of a record has words', (code) => {
  expect(quirkWords(code)).not.toBe(code)
})

test('no two peculiarities of a policy have the same words', () => {
  expect(new Set(Object.values(POLICY_QUIRK_WORDS)).size).toBe(Object.keys(POLICY_RULES).length)
})
