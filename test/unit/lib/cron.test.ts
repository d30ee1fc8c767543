import { expect, test } from 'vitest'
import { parseCron } from '../../../src/lib/cron.ts'

test.each([
  ['*/15 * * * *', { minutes: [0, 15, 30, 45] }],
  ['5/20 * * * *', { minutes: [5, 25, 45] }],
  ['0 9-17/4 * * mon-fri', { hours: [9, 13, 17], daysOfWeek: new Set([1, 2, 3, 4, 5]) }],
  ['0 0 1,15 jan,jul *', { daysOfMonth: new Set([1, 15]), months: new Set([1, 7]) }],
  ['0 7 * * 7', { daysOfWeek: new Set([0]) }],
  ['0 7 * * Sunday', { daysOfWeek: new Set([0]) }],
])('reads %s', (line, expected) => {
  expect(parseCron(line)).toMatchObject({ ok: true, value: expected })
})

test.each([
  ['* * * * * *', 'six fields'],
  ['* * * *', '4 fields'],
  ['60 * * * *', 'minute field "60"'],
  ['*/0 * * * *', 'a step of 0'],
  ['0 25 * * *', 'hour field "25"'],
  ['0 0 0 * *', 'day of month field "0"'],
  ['0 0 * foo *', 'month field "foo"'],
  ['0 0 * * 8', 'day of week field "8"'],
  ['30-10 * * * *', 'minute field "30-10"'],
  ['', '1 fields'],
])('refuses %s, naming the field', (line, message) => {
  const parsed = parseCron(line)
  expect(parsed.ok ? '' : parsed.error).toContain(message)
})
