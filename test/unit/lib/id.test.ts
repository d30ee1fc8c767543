import { expect, test } from 'vitest'
import { randomId } from '../../../src/lib/id.ts'

test.each(['inc', 'ntf', 'look'])(
  'an id begins with its kind, %s, and can be typed and pasted anywhere',
  (prefix) => {
    expect(randomId(prefix)).toMatch(new RegExp(`^${prefix}_[0-9a-f]{12}$`))
  },
)

test('ids do not meet', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => randomId('inc'))).size).toBe(10_000)
})
