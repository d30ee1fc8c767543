import { expect, it } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { organisationalDomain } from '../../../src/protocol/organisational-domain.ts'

it.each([
  ['example.com', 'example.com'],
  ['a.b.example.com', 'example.com'],
  ['mail.example.co.uk', 'example.co.uk'],
  ['co.uk', null],
  ['com', null],
  // Rules of hosting companies do not count: github.io is one owner's.
  ['a.github.io', 'github.io'],
  ['_dmarc.a.example.org', 'example.org'],
  ['mx1.good.test', 'good.test'],
  ['test', null],
  ['xn--fiqs8s', null],
  ['a.xn--fiqs8s', 'a.xn--fiqs8s'],
  // A wildcard and its exception in the list of suffixes.
  ['a.b.ck', 'a.b.ck'],
  ['b.ck', null],
  ['www.ck', 'www.ck'],
])('%s belongs to %s', (name, expected) => {
  expect(organisationalDomain(name as DomainName)).toBe(expected)
})
