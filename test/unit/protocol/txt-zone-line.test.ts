import { expect, it } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { txtZoneLine } from '../../../src/protocol/txt-zone-line.ts'

const NAME = '_mta-sts.example.com' as DomainName

it('is one string while it fits', () => {
  expect(txtZoneLine(NAME, 'v=STSv1; id=1;')).toBe('_mta-sts.example.com. IN TXT "v=STSv1; id=1;"')
  expect(txtZoneLine(NAME, 'x'.repeat(255))).toBe(`_mta-sts.example.com. IN TXT "${'x'.repeat(255)}"`)
  expect(txtZoneLine(NAME, '')).toBe('_mta-sts.example.com. IN TXT ""')
})

it('is cut after 255 characters', () => {
  expect(txtZoneLine(NAME, 'x'.repeat(256))).toBe(`_mta-sts.example.com. IN TXT "${'x'.repeat(255)}" "x"`)
})

it('keeps what a zone file would read otherwise', () => {
  expect(txtZoneLine(NAME, 'a"b\\c')).toBe('_mta-sts.example.com. IN TXT "a\\"b\\\\c"')
})
