import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lintPolicy, lintRecord } from '../../src/check/lint.ts'
import { policyCases } from '../vectors/cases.ts'
import { mutated } from './mutated.ts'

const seeds = policyCases.flatMap(({ input }) => (input === undefined ? [] : [Buffer.from(input)]))
const text = mutated(seeds).map((bytes) => bytes.toString('utf8'))
const hosts = fc.constantFrom<readonly string[]>([], ['mx1.example.com'], ['xn--mx-eka.example.com'])

it('what lint writes anew is clean, and stays as it is when it is linted again', () => {
  fc.assert(
    fc.property(text, hosts, (body, names) => {
      const { mended, isClean } = lintPolicy(body, names)
      expect(isClean && mended !== null).toBe(false)
      if (mended === null) return
      const again = lintPolicy(mended.body, names)
      expect({ isClean: again.isClean, problems: again.problems }).toEqual({ isClean: true, problems: [] })
    }),
    { numRuns: 300 },
  )
})

it('a clean text is valid, and every known sender reads it', () => {
  fc.assert(
    fc.property(text, (body) => {
      const { isClean, policy, views } = lintPolicy(body, [])
      if (!isClean) return
      expect(policy).not.toBeNull()
      expect(views.filter(({ reader, outcome }) => reader.sends && outcome !== 'reads')).toEqual([])
    }),
  )
})

it('any records can be linted', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), (records) => {
      const { isClean, record } = lintRecord(records)
      expect(isClean && record === null).toBe(false)
    }),
  )
})
