import { expect, it } from 'vitest'
import { authorDomain } from '../../../src/protocol/author-domain.ts'

it.each([
  ['a@b.example', 'b.example'],
  [' a@b.example ', 'b.example'],
  ['<a@b.example>', 'b.example'],
  ['TLS reports <a@b.example>', 'b.example'],
  ['"Reports, daily" <a@b.example>', 'b.example'],
  ['"a@c.example" <a@b.example>', 'b.example'],
  ['"say \\"x@c.example\\"" <a@b.example>', 'b.example'],
  ['"a b"@b.example', 'b.example'],
  ['a@b.example (c@d.example)', 'b.example'],
  ['(x, (y@z.example)) a@b.example', 'b.example'],
  ['Reports\r\n <a@b.example>', 'b.example'],
  ['=?utf-8?q?Bericht?= <a@B.EXAMPLE>', 'b.example'],
  ['a@bücher.example', 'xn--bcher-kva.example'],
])('%j is from %s', (value, domain) => {
  expect(authorDomain(value)).toBe(domain)
})

it.each([
  '',
  'a',
  '@b.example',
  'a@',
  'a@b.example, c@d.example',
  'a@b.example,',
  'Group: a@b.example;',
  'Group:;',
  '<a@b.example> <c@d.example>',
  '<a@b.example> c@d.example',
  'c@d.example <a@b.example>',
  '<@c.example:a@b.example>',
  '<>',
  'a@b.example@c.example',
  'a b@c.example',
  'a@b.example c',
  '"a@b.example',
  '(a@b.example',
  'a@[192.0.2.1]',
  'a@b..example',
  'a@b.example; c@d.example',
])('%j has no one author', (value) => {
  expect(authorDomain(value)).toBeNull()
})
