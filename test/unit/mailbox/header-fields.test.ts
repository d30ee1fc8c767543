import { expect, it } from 'vitest'
import { fieldValue, splitMail } from '../../../src/mailbox/header-fields.ts'

function split(text: string): readonly [readonly (readonly [string, string])[], string] {
  const { fields, body } = splitMail(Buffer.from(text, 'latin1'))
  return [fields.map(({ name, line }) => [name, line] as const), Buffer.from(body).toString('latin1')]
}

it.each<[string, string, ReturnType<typeof split>]>([
  [
    'fields and a body',
    'A: 1\r\nB: 2\r\n\r\nbody',
    [
      [
        ['a', 'A: 1'],
        ['b', 'B: 2'],
      ],
      'body',
    ],
  ],
  [
    'folding',
    'A: 1\r\n 2\r\n\t3\r\nB:\r\n\r\n',
    [
      [
        ['a', 'A: 1\r\n 2\r\n\t3'],
        ['b', 'B:'],
      ],
      '',
    ],
  ],
  [
    'bare line feeds',
    'A: 1\n 2\nB: 3\n\nx\ny\r\n',
    [
      [
        ['a', 'A: 1\r\n 2'],
        ['b', 'B: 3'],
      ],
      'x\r\ny\r\n',
    ],
  ],
  ['a carriage return alone is no line end', 'A: 1\rB: 2\r\n\r\nx\ry', [[['a', 'A: 1\rB: 2']], 'x\ry']],
  [
    'no empty line',
    'A: 1\r\nB: 2',
    [
      [
        ['a', 'A: 1'],
        ['b', 'B: 2'],
      ],
      '',
    ],
  ],
  ['no header', '\r\nA: 1', [[], 'A: 1']],
  ['nothing', '', [[], '']],
  ['space before the colon', 'A : 1\r\n\r\n', [[['a', 'A : 1']], '']],
  [
    'a line that begins no field',
    'A: 1\r\nnonsense\r\n\xa0B: 2\r\n\r\n',
    [[['a', 'A: 1\r\nnonsense\r\n\xa0B: 2']], ''],
  ],
  ['such a line on top', 'nonsense\r\nA: 1\r\n\r\n', [[['a', 'A: 1']], '']],
  ['the envelope line of a mail store', 'From a@b Sun\nA: 1\n\nx', [[['a', 'A: 1']], 'x']],
])('%s', (_what, text, expected) => {
  expect(split(text)).toEqual(expected)
})

it('a value is read as UTF-8', () => {
  const [field] = splitMail(Buffer.from('From: ä@b.example\r\n\r\n')).fields
  expect(field === undefined ? null : fieldValue(field)).toBe(' ä@b.example')
})
