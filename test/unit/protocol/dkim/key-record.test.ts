import { describe, expect, it } from 'vitest'
import { readKeyRecord } from '../../../../src/protocol/dkim/key-record.ts'

const P = 'p=aGVsbG8='

describe('what a key record says', () => {
  it('without tags it is for RSA, any hash and any service', () => {
    expect(readKeyRecord(P)).toEqual({
      ok: true,
      value: {
        keyType: 'rsa',
        hashes: null,
        services: ['*'],
        isTesting: false,
        isForExactDomain: false,
        publicKey: Buffer.from('hello'),
      },
    })
  })

  it.each<[string, Record<string, unknown>]>([
    [`v=DKIM1; k=ed25519; ${P}`, { keyType: 'ed25519' }],
    [`v=DKIM1;k=RSA;${P};`, { keyType: 'rsa' }],
    [`h=sha1 : SHA256; ${P}`, { hashes: ['sha1', 'sha256'] }],
    [`h=; ${P}`, { hashes: [] }],
    [`s=*; ${P}`, { services: ['*'] }],
    [`s=email:\r\n tlsrpt; ${P}`, { services: ['email', 'tlsrpt'] }],
    [`s=; ${P}`, { services: [] }],
    [`t=y:s; ${P}`, { isTesting: true, isForExactDomain: true }],
    [`t=yes; ${P}`, { isTesting: false }],
    [`${P}; n=a note = with signs; x9_=z`, { keyType: 'rsa' }],
    [' v = DKIM1 ;\tp = aGV sbG8= ', { publicKey: Buffer.from('hello') }],
    [`S=email; ${P}`, { services: ['*'] }],
  ])('%j', (text, expected) => {
    expect(readKeyRecord(text)).toMatchObject({ ok: true, value: expected })
  })
})

describe('what is no key record', () => {
  it.each<[string, string]>([
    ['v=DKIM1; p=', 'revoked'],
    ['p= \t', 'revoked'],
    ['v=spf1 -all', 'other'],
    ['', 'other'],
    ['google-site-verification=abc', 'other'],
    ['v=DKIM2; p=aGVsbG8=', 'other'],
    ['v=dkim1; p=aGVsbG8=', 'other'],
    ['v=DKIM1; k=rsa', 'malformed'],
    ['k=rsa; v=DKIM1; p=aGVsbG8=', 'malformed'],
    ['v=DKIM1; p=a*b', 'malformed'],
    ['v=DKIM1; k=dsa; p=aGVsbG8=', 'malformed'],
    ['v=DKIM1; p=aGVsbG8=; p=', 'malformed'],
    ['v=DKIM1; nonsense; p=aGVsbG8=', 'malformed'],
    ['v=DKIM1;; p=aGVsbG8=', 'malformed'],
    ['v=DKIM1; =x; p=aGVsbG8=', 'malformed'],
  ])('%j is %s', (text, kind) => {
    expect(readKeyRecord(text)).toMatchObject({ ok: false, error: { kind } })
  })
})
