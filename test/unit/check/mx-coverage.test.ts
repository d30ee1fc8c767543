import { expect, it } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { PolicyVersion } from '../../../src/model/policy-version.ts'
import { version } from './broken.ts'
import {
  absent,
  context,
  EXAMPLE,
  failed,
  MX1,
  MX2,
  mxHost,
  NOW,
  policyBody,
  serving,
  watched,
} from './snapshot-builder.ts'

const before = version(policyBody(), { lastSeenAt: NOW - 2 * DAY_MS })
const text = policyBody({ mx: [MX1, MX2, 'mx3.example.com'] })
const withThird = (sinceMs: number) =>
  version(text, { recordId: 'new', firstSeenAt: NOW - sinceMs, lastSeenAt: NOW })

it.each<[string, readonly PolicyVersion[], boolean]>([
  ['at the first look', [], true],
  ['when it is new', [before], false],
  ['when it was added hours ago', [withThird(23 * HOUR_MS), before], false],
  ['when it was added a day ago', [withThird(DAY_MS), before], true],
  ['when every earlier text has it', [withThird(HOUR_MS)], true],
])('a line for a host that is no MX is told %s: %j', (_, versions, isTold) => {
  const { findings } = judge(serving(text), watched(), context({ versions }))
  const told = findings.filter(({ code }) => code === 'mta-sts.policy.pattern-unused')
  expect(told.map(({ subject }) => subject)).toEqual(isTold ? ['mx3.example.com'] : [])
})

it('tells so many unused lines and no more, however many there are', () => {
  const mx = [MX1, MX2, ...Array.from({ length: 5_000 }, (_, n) => `${n}.old.example`)]
  const { findings } = judge(serving(policyBody({ mx })), watched(), context())
  const told = findings.filter(({ code }) => code === 'mta-sts.policy.pattern-unused')
  expect(told.map(({ subject }) => subject)).toEqual(mx.slice(2, 22))
})

it.each([
  ['is known to have one', [], mxHost(EXAMPLE, ['192.0.2.1']).addresses, ['mta-sts.policy.mx-uncovered']],
  ['may have one', ['mta-sts.policy.mx-uncovered'], failed('dns-timeout'), []],
] as const)('without MX record, a domain that %s', (_, open, addresses, told) => {
  const implicit = mxHost(EXAMPLE, [], { source: 'implicit', addresses })
  const look = serving(policyBody(), { mx: absent('nodata'), hosts: [implicit] })
  const { findings, undecided } = judge(look, watched(), context())
  const ofCover = ({ code }: { readonly code: string }) => code === 'mta-sts.policy.mx-uncovered'
  expect(findings.filter(ofCover).map(({ code }) => code)).toEqual(told)
  expect(undecided.filter(ofCover).map(({ code }) => code)).toEqual(open)
})
