import { expect, test } from 'vitest'
import { sightOutcomes } from '../../../src/check/sight-outcomes.ts'
import { seenAlone, suppose } from '../../../src/check/suppose.ts'
import type { Supposition } from '../../../src/model/supposition.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { policyIdOf } from '../../../src/protocol/mta-sts/generate-policy.ts'
import {
  absent,
  answer,
  EXAMPLE,
  failed,
  healthy,
  ip,
  MX1,
  mxHost,
  mxRecords,
  policyBody,
  secured,
} from './snapshot-builder.ts'

const NOTHING: Supposition = { domain: EXAMPLE, policy: null, stsRecord: null, mx: null, tlsa: [] }
const policyOf = (body: string) => ({ from: 'new.txt', body, validUtf8: true })
const NEW = policyBody({ tail: 'x-new: 1\r\n' })

function recordOf(supposition: Partial<Supposition>): readonly string[] | null {
  const { stsRecord } = suppose(healthy(), { ...NOTHING, ...supposition })
  return stsRecord.outcome === 'seen' ? stsRecord.value.records : null
}

test('nothing supposed changes nothing', () => {
  expect(suppose(healthy(), NOTHING)).toEqual(healthy())
  expect(seenAlone(healthy(), NOTHING)).toEqual(healthy())
})

test('another policy comes with another id, the same one keeps its record, a given record counts', () => {
  expect(recordOf({ policy: policyOf(NEW) })).toEqual([`v=STSv1; id=${policyIdOf(NEW)};`])
  const served = healthy().policyHost.fetches[0]?.response
  const body = served?.outcome === 'seen' ? served.value.body : ''
  expect(recordOf({ policy: policyOf(body) })).toEqual(recordOf({}))
  expect(recordOf({ policy: policyOf(NEW), stsRecord: 'v=STSv1; id=x;' })).toEqual(['v=STSv1; id=x;'])
})

test('every address serves the policy; a certificate that senders accept stays', () => {
  const before = healthy()
  const { policyHost } = suppose(before, { ...NOTHING, policy: policyOf(NEW) })
  expect(policyHost.fetches.map(({ tls }) => tls)).toEqual(before.policyHost.fetches.map(({ tls }) => tls))
  const bodies = policyHost.fetches.map(({ response }) => response.outcome === 'seen' && response.value.body)
  expect(new Set(bodies)).toEqual(new Set([NEW]))
})

test('a policy host without an address is supposed to have one', () => {
  const { policyHost } = healthy()
  for (const addresses of [absent(), failed('dns-timeout')]) {
    const look = healthy({ policyHost: { ...policyHost, addresses, fetches: [] } })
    const supposed = suppose(look, { ...NOTHING, policy: policyOf(NEW) }).policyHost
    expect(supposed.addresses.outcome).toBe('seen')
    expect(supposed.fetches.map(({ response }) => response.outcome)).toEqual(['seen'])
  }
})

test.each([
  [65_536, 'seen'],
  [65_537, 'failed'],
])('of %i bytes is %s by senders', (bytes, outcome) => {
  const { policyHost } = suppose(healthy(), { ...NOTHING, policy: policyOf('x'.repeat(bytes)) })
  expect(policyHost.fetches.map(({ response }) => response.outcome)).toContain(outcome)
})

test('what is supposed proves neither that the DNS answers nor that it validates', () => {
  const look = healthy({
    stsRecord: answer(['v=STSv1; id=1;']),
    mx: mxRecords(MX1),
    hosts: [
      mxHost(MX1, ['192.0.2.1'], {
        addresses: secured([ip('192.0.2.1')]),
        tlsa: secured([`3 1 1 ${'ab'.repeat(32)}`]),
        tlsaBase: MX1 as DomainName,
      }),
    ],
  })
  const supposition = { ...NOTHING, mx: [], tlsa: [{ host: null, rdata: `3 1 1 ${'ab'.repeat(32)}` }] }
  const before = sightOutcomes(look)
  const after = sightOutcomes(seenAlone(look, supposition))
  expect(before.some(({ protocol }) => protocol === 'dnssec')).toBe(true)
  expect(after.some(({ protocol }) => protocol === 'dnssec')).toBe(false)
  const proofs = (outcomes: typeof before) =>
    outcomes.filter(({ protocol, says }) => protocol === 'dns' && says === 'proof').length
  expect(proofs(after)).toBe(proofs(before) - 1)
})
