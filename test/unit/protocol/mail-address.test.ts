import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressDomain, parseMailAddress } from '../../../src/protocol/mail-address.ts'

describe('an address as it stands', () => {
  test.each([
    ['postmaster@example.com', 'postmaster@example.com'],
    ["o'hara+tag=x@mail.example.com", "o'hara+tag=x@mail.example.com"],
    ['Upper.Case@EXAMPLE.com', 'Upper.Case@example.com'],
    ['post@bücher.example', 'post@xn--bcher-kva.example'],
    ['root@localhost', 'root@localhost'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s', (text, expected) => {
    expect(parseMailAddress(text)).toBe(expected)
  })
})

describe('everything else is refused', () => {
  const longDomain = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`
  test.each([
    'a@d.test>\r\nRCPT TO:<x@y',
    'a@d.test, b@e.test',
    'a@d.test,b@e.test',
    'a@d.test;b@e.test',
    'a@d.test b@e.test',
    'Name <a@d.test>',
    '<a@d.test>',
    '"quoted"@d.test',
    '"a b"@d.test',
    'a@d.test (comment)',
    '(comment)a@d.test',
    'group: a@d.test;',
    'a@d.test?cc=x@y.test',
    'a%0d@d.test\r\n',
    'a@d.test\n',
    ' a@d.test',
    'a@d.test ',
    'a\0@d.test',
    'a@d.test\0',
    'a@@d.test',
    'a@b@d.test',
    '@d.test',
    'a@',
    'a',
    '',
    '.a@d.test',
    'a.@d.test',
    'a..b@d.test',
    'ä@d.test',
    'a\u202e@d.test',
    'a@d.test.',
    'a@-d.test',
    'a@d-.test',
    'a@d..test',
    'a@_dmarc.test',
    'a@d_e.test',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    'a@[IPv6:::1]',
    'a@d.test/x',
    'a@d.test:25',
    'a@d.te%73t',
    `${'a'.repeat(65)}@example.com`,
    `${'a'.repeat(64)}@${longDomain}`,
    'mailto:a@d.test',
    'a\\@d.test',
    'a@d.test\\',
  ])('%j', (text) => {
    expect(parseMailAddress(text)).toBeNull()
  })
})

test('nothing that is accepted can leave a header, an angle bracket or a recipient list', () => {
  const hostile = fc.array(
    fc.constantFrom(
      'a',
      '@',
      '.',
      '<',
      '>',
      ',',
      ';',
      ' ',
      '\r\n',
      '"',
      '(',
      ':',
      '\0',
      'ü',
      '%0a',
      'd.test',
    ),
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const parsed = parseMailAddress(parts.join(''))
      if (parsed !== null) expect(parsed).toMatch(/^[^\s<>,;:"()\\\u0000-\u001f\u007f-\uffff]+@[a-z0-9.-]+$/)
    }),
    { numRuns: 5_000 },
  )
})

test('the domain of an address', () => {
  const address = parseMailAddress('a@Example.com')
  expect(address === null ? null : addressDomain(address)).toBe('example.com')
})
