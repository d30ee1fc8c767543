import { expect, test } from 'vitest'
import { uidSet } from '../../../src/mailbox/uid-set.ts'

test.each([
  [[], ''],
  [[7], '7'],
  [[1, 2, 3], '1:3'],
  [[1, 3, 4, 9, 4_294_967_295], '1,3:4,9,4294967295'],
])('%j is %s', (uids, set) => {
  expect(uidSet(uids)).toBe(set)
})
