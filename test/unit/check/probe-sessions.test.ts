import { describe, expect, test } from 'vitest'
import { gatherFacts } from '../../../src/check/facts.ts'
import { probeSessions } from '../../../src/check/probe-sessions.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { ProbeSession } from '../../../src/model/probe-session.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { HELD, UNSERVED } from './broken.ts'
import { withTlsa } from './broken-dane.ts'
import { both } from './broken-hosts.ts'
import {
  absent,
  context,
  established,
  failed,
  fetchAt,
  healthy,
  MX1,
  MX2,
  mxHost,
  NOW,
  policyBody,
  response,
  secured,
  serving,
  tls,
  watched,
  withFetches,
  withMx1,
} from './snapshot-builder.ts'

function sessions(snapshot: Snapshot, edit: Parameters<typeof context>[0] = {}, since = 0) {
  return probeSessions(gatherFacts(snapshot, watched(), context(edit)), since)
}

/** `sts example.com ok`, or the failures: `type host [address] reason`. */
function told(all: readonly ProbeSession[]): readonly string[] {
  return all.map(({ policy, failures }) => {
    const words = failures.map(({ resultType, receivingMxHostname, receivingIp, reasonCode }) =>
      [resultType, receivingMxHostname, receivingIp, reasonCode].filter((part) => part !== null).join(' '),
    )
    return `${policy.policyType} ${policy.policyDomain} ${words.length === 0 ? 'ok' : words.join(', ')}`
  })
}

const OK = Array(3).fill('sts example.com ok')

describe('sessions of a look, as a sending MTA counts them', () => {
  test('one for each address of each host, with the policy as it was served', () => {
    const all = sessions(healthy())
    expect(told(all)).toEqual(OK)
    expect(all[0]?.policy).toEqual({
      policyType: 'sts',
      policyString: ['version: STSv1', 'mode: enforce', `mx: ${MX1}`, `mx: ${MX2}`, 'max_age: 1209600'],
      policyDomain: 'example.com',
      mxHostPatterns: [MX1, MX2],
    })
  })

  test('errors in the text stay in the policy string', () => {
    const [first] = sessions(serving(policyBody({ tail: '\r\n' })))
    expect(first?.policy.policyString.slice(-2)).toEqual(['max_age: 1209600', ''])
  })

  test('one made before the last look is not counted again', () => {
    expect(sessions(healthy(), {}, NOW)).toEqual([])
    expect(sessions(healthy(), {}, NOW - 1)).toHaveLength(3)
  })

  test('a host that cannot be reached, or does not speak to us, had no session', () => {
    const silent = { ...healthy().hosts[0]?.sessions[0], smtp: failed('connect-timeout') } as never
    expect(told(sessions(withMx1(mxHost(MX1, [], { sessions: [silent] }))))).toEqual(['sts example.com ok'])
  })

  test.each([
    ['no STARTTLS', { outcome: 'not-offered' }, 'starttls-not-supported mx1.example.com 192.0.2.25'],
    [
      'refused STARTTLS',
      { outcome: 'refused', reply: '454 no' },
      'starttls-not-supported mx1.example.com 192.0.2.25 answered 454 no',
    ],
    [
      'ended certificate',
      established(tls(MX1, { notAfterAt: NOW - DAY_MS }, 'CERT_HAS_EXPIRED')),
      'certificate-expired mx1.example.com 192.0.2.25',
    ],
    [
      'another name',
      established(tls(MX1, { dnsNames: ['other.example'] })),
      'certificate-host-mismatch mx1.example.com 192.0.2.25',
    ],
    [
      'another name and an unknown authority: both',
      established(tls(MX1, { dnsNames: ['other.example'] }, 'SELF_SIGNED_CERT_IN_CHAIN')),
      'certificate-host-mismatch mx1.example.com 192.0.2.25, certificate-not-trusted mx1.example.com 192.0.2.25 SELF_SIGNED_CERT_IN_CHAIN',
    ],
  ] as const)('%s', (_, startTls, failure) => {
    expect(told(sessions(both(startTls)))[0]).toBe(`sts example.com ${failure}`)
  })

  test('a host that the policy does not list', () => {
    const all = told(sessions(serving(policyBody({ mx: [MX1] }))))
    expect(all[2]).toBe('sts example.com validation-failure mx2.example.com 198.51.100.25 mx-not-in-policy')
  })

  test('a policy that cannot be had fails every session, whatever the host does', () => {
    const gone = withFetches(fetchAt('192.0.2.80', { response: response({ status: 404 }) }))
    expect(told(sessions(gone))[0]).toBe('sts example.com sts-policy-fetch-error answered status 404')
    expect(sessions(gone)[0]?.policy.policyString).toEqual([])
    const invalid = serving('version: STSv1\r\n')
    expect(told(sessions(invalid))[0]).toMatch(/^sts example\.com sts-policy-invalid /)
    expect(sessions(invalid)[0]?.policy.policyString).toEqual(['version: STSv1'])
  })

  test('with a copy still in force it is applied, and the fetch is a failure besides', () => {
    const all = sessions(healthy({ policyHost: UNSERVED }), HELD)
    expect(told(all)).toEqual(Array(3).fill('sts example.com sts-policy-fetch-error no address'))
  })

  test('without record and copy there is no policy, and any TLS is a success', () => {
    const bare = healthy({ stsRecord: { ...absent(), security: 'secure' }, policyHost: UNSERVED })
    expect(told(sessions(bare))).toEqual(Array(3).fill('no-policy-found example.com ok'))
    expect(told(sessions(bare, HELD))).toEqual(OK)
  })

  test('a record that could not be looked up is no policy that is missing', () => {
    expect(sessions(healthy({ stsRecord: failed('dns-timeout') }))).toEqual([])
  })

  test('TLSA records are a policy of their own beside the other', () => {
    const good = withTlsa(secured([`3 1 1 ${'ab'.repeat(32)}`]))
    expect(told(sessions(good))).toEqual([
      'tlsa mx1.example.com tlsa-invalid mx1.example.com 192.0.2.25 mismatch',
      'sts example.com ok',
    ])
    expect(sessions(good)[0]?.policy.policyString).toEqual([`3 1 1 ${'ab'.repeat(32)}`])
    expect(told(sessions(withTlsa(failed('dns-servfail'))))[0]).toBe(
      'tlsa mx1.example.com dnssec-invalid mx1.example.com 192.0.2.25 dns-servfail',
    )
  })
})
