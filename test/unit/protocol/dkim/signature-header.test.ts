import { expect, it } from 'vitest'
import { readDkimSignature } from '../../../../src/protocol/dkim/signature-header.ts'

const TAGS: Readonly<Record<string, string>> = {
  v: '1',
  a: 'rsa-sha256',
  d: 'sender.example',
  s: 'sel',
  h: 'from:subject',
  bh: 'aGVsbG8=',
  b: 'aGVs\r\n\tbG8=',
}

function header(changes: Readonly<Record<string, string | null>>): string {
  const tags = Object.entries({ ...TAGS, ...changes }).filter(([, value]) => value !== null)
  return tags.map(([name, value]) => `${name}=${value}`).join(';\r\n\t')
}

it('a plain signature', () => {
  expect(readDkimSignature(header({}))).toEqual({
    ok: true,
    value: {
      algorithm: 'rsa-sha256',
      signer: 'sender.example',
      selector: 'sel',
      keyName: 'sel._domainkey.sender.example',
      identityDomain: 'sender.example',
      signedHeaders: ['from', 'subject'],
      headerCanonicalization: 'simple',
      bodyCanonicalization: 'simple',
      bodyHash: Buffer.from('hello'),
      signature: Buffer.from('hello'),
      hasBodyLength: false,
      signedAt: null,
      expiresAt: null,
    },
  })
})

it.each<[Record<string, string>, Record<string, unknown>]>([
  [{ c: 'relaxed' }, { headerCanonicalization: 'relaxed', bodyCanonicalization: 'simple' }],
  [{ c: 'Simple/Relaxed' }, { headerCanonicalization: 'simple', bodyCanonicalization: 'relaxed' }],
  [{ d: 'Sender.Example.', s: 'A.b' }, { keyName: 'a.b._domainkey.sender.example' }],
  [{ d: 'bücher.example' }, { signer: 'xn--bcher-kva.example' }],
  [{ h: ' From :\r\n\tfrom: SUBJECT' }, { signedHeaders: ['from', 'from', 'subject'] }],
  [{ i: 'a=40b@mail.sender.example' }, { identityDomain: 'mail.sender.example' }],
  [{ l: '0' }, { hasBodyLength: true }],
  [
    { t: '1', x: '2' },
    { signedAt: 1_000, expiresAt: 2_000 },
  ],
  [{ t: '999999999999' }, { signedAt: 999_999_999_999_000 }],
  [{ a: 'RSA-SHA1' }, { algorithm: 'rsa-sha1' }],
  [{ q: 'other:dns/txt' }, {}],
  [{ z: 'From:a@b|To:c=3D', n9: '"(x)\\' }, {}],
])('%j', (changes, expected) => {
  expect(readDkimSignature(header(changes))).toMatchObject({ ok: true, value: expected })
})

it.each<[Record<string, string | null>, string]>([
  ...Object.keys(TAGS).map((name): [Record<string, null>, string] => [{ [name]: null }, `has no ${name}=`]),
  [{ v: '01' }, 'has the unknown version "01"'],
  [{ c: 'nofws' }, 'has the unknown canonicalization "nofws"'],
  [{ c: 'simple/simple/simple' }, 'has the unknown canonicalization "simple/simple/simple"'],
  [{ d: 'not a name' }, 'has a d= that is no domain, "not a name"'],
  [{ s: 'a..b' }, 'has a selector that is none, "a..b"'],
  [{ s: 'x'.repeat(64) }, `has a selector that is none, "${'x'.repeat(64).slice(0, 64)}"`],
  [{ i: '@other.example' }, 'has an i= outside of its d=, "@other.example"'],
  [{ i: '@notsender.example' }, 'has an i= outside of its d=, "@notsender.example"'],
  [{ i: '@example' }, 'has an i= outside of its d=, "@example"'],
  [{ h: 'to:subject' }, 'does not sign the From header'],
  [{ h: '' }, 'does not sign the From header'],
  [{ b: '' }, 'has a b= or bh= that is no base64'],
  [{ bh: '*' }, 'has a b= or bh= that is no base64'],
  [{ q: 'https' }, 'has its key at an unknown place, "https"'],
  [{ l: '-1' }, 'has an l= that is no number, "-1"'],
  [{ t: 'now' }, 'has a t= or x= that is no instant'],
  [{ x: '1234567890123' }, 'has a t= or x= that is no instant'],
  [{ t: '5', x: '5' }, 'expires before it was made'],
])('%j is told apart', (changes, error) => {
  expect(readDkimSignature(header(changes))).toEqual({ ok: false, error })
})

it.each([
  ['d twice', `${header({})}; d=other.example`, 'holds the tag d twice'],
  ['a word', `${header({})}; word`, 'holds "word", which is no tag'],
  ['an empty tag', `;${header({})}`, 'holds "", which is no tag'],
  ['nothing', '', 'holds "", which is no tag'],
])('%s makes the list invalid', (_what, value, error) => {
  expect(readDkimSignature(value)).toEqual({ ok: false, error })
})
