import { expect, it } from 'vitest'
import type { DomainName } from '../../../../src/protocol/domain-name.ts'
import { wildcardMx } from '../../../../src/protocol/mta-sts/wildcard-mx.ts'

it.each<[readonly string[], readonly string[]]>([
  [['mx2.example.net', 'mx1.example.net'], ['*.example.net']],
  [
    ['mx.a.example.net', 'mx.example.net'],
    ['*.a.example.net', '*.example.net'],
  ],
  [['example.net'], ['example.net']],
  [['example.co.uk'], ['example.co.uk']],
  [['mx.example.co.uk'], ['*.example.co.uk']],
  [['localhost'], ['localhost']],
])('%j is covered by %j', (hosts, patterns) => {
  expect(wildcardMx(hosts as readonly DomainName[])).toEqual(patterns)
})
