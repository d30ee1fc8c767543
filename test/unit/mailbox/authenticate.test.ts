import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dnsFault } from '../../../src/lab/build-world.ts'
import { HOUR_MS, SECOND_MS, systemClock } from '../../../src/lib/time.ts'
import { type Authentication, authenticate } from '../../../src/mailbox/authenticate.ts'
import { createKeyFinder } from '../../../src/mailbox/key-finder.ts'
import { KEY_RECORD_BYTES, type KeyLookUp } from '../../../src/mailbox/signing-key.ts'
import type { DistrustCode } from '../../../src/model/received-report.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { bareRsaKey, ed25519Key, rsaKey, SIGNED_HEADERS, type SignSpec, signed } from './dkim-signer.ts'
import { type LabKeys, startLabKeys, txt } from './lab-keys.ts'
import { HUMAN, MACHINE, mail } from './mail-builder.ts'

const NOW = Date.UTC(2026, 0, 11, 6)
const DOMAIN = 'sender.example'
const PLAIN = mail({ parts: [HUMAN, MACHINE] })

const key = rsaKey(2048)
const keys = {
  good: key,
  bits512: rsaKey(512),
  bits1023: rsaKey(1023),
  bits1024: rsaKey(1024),
  ed: ed25519Key(),
  bare: bareRsaKey(),
}
const record = (tags: string, p = key.p) => `v=DKIM1; ${tags}p=${p}`
const padded = (bytes: number) => {
  const bare = record('n=; ')
  return record(`n=${'x'.repeat(bytes - bare.length)}; `)
}
const at = (selector: string, domain = DOMAIN) => `${selector}._domainkey.${domain}`

const RECORDS = [
  txt(at('good'), record('k=rsa; ')),
  txt(at('good', 'mail.sender.example'), record('')),
  txt(at('good', 'other.example'), record('')),
  txt(at('good', 'co.uk'), record('')),
  txt(at('email'), record('s=email; ')),
  txt(at('any'), record('s=*; ')),
  txt(at('tlsrpt'), record('s=tlsrpt; ')),
  txt(at('both'), record('s=email : tlsrpt; ')),
  txt(at('bits512'), record('', keys.bits512.p)),
  txt(at('bits1023'), record('', keys.bits1023.p)),
  txt(at('bits1024'), record('', keys.bits1024.p)),
  txt(at('ed'), record('k=ed25519; ', keys.ed.p)),
  txt(at('bare'), `p=${keys.bare.p}`),
  txt(at('test'), record('t=y; ')),
  txt(at('exact'), record('t=s; ')),
  txt(at('sha1only'), record('h=sha1; ')),
  txt(at('sha256too'), record('h=sha1:sha256; ')),
  txt(at('revoked'), 'v=DKIM1; p='),
  txt(at('nonsense'), 'v=DKIM1; p=not!base64'),
  txt(at('noKey'), record('', Buffer.from('hello').toString('base64'))),
  txt(at('otherType'), record('k=gost; ')),
  txt(at('wrongType'), record('k=ed25519; ')),
  txt(at('spaced'), `v=DKIM1 ; k = rsa ;\tp = ${key.p.replace(/.{60}/g, '$& ')} ;`),
  txt(at('spf'), 'v=spf1 -all'),
  txt(at('withSpf'), 'v=spf1 -all'),
  txt(at('withSpf'), record('')),
  txt(at('twice'), record('')),
  txt(at('twice'), record('', keys.bits1024.p)),
  txt(at('long'), padded(KEY_RECORD_BYTES)),
  txt(at('tooLong'), padded(KEY_RECORD_BYTES + 1)),
  { type: 'CNAME', name: at('alias'), ttlSeconds: 300, target: 'keys.other.example' } as const,
  txt('keys.other.example', record('')),
]

const FAULTS = [
  dnsFault(at('servfail'), 'servfail'),
  dnsFault(at('silent'), 'timeout'),
  dnsFault(at('refused'), 'refused'),
]

let dns: LabKeys
beforeAll(async () => {
  dns = await startLabKeys(RECORDS, FAULTS)
})
afterAll(() => dns[Symbol.asyncDispose]())

async function judge(
  bytes: Uint8Array,
  trustAuthservId: string | null = null,
  now = NOW,
): Promise<Authentication> {
  const findKey = createKeyFinder(dns.resolver, systemClock, new AbortController().signal)
  return authenticate(bytes, findKey, now, { trustAuthservId })
}

function sign(spec: Partial<SignSpec> = {}, bytes = PLAIN): Buffer {
  return signed(bytes, { domain: DOMAIN, selector: 'good', key: key.privateKey, ...spec })
}

function withLine(bytes: Buffer, from: RegExp, to: string): Buffer {
  const changed = bytes.toString('latin1').replace(from, to)
  if (changed === bytes.toString('latin1')) throw new Error(`${from} is not in the mail`)
  return Buffer.from(changed, 'latin1')
}

const fromHeader = (value: string) => withLine(PLAIN, /^From: .*/m, `From: ${value}`)
const seconds = (ms: number) => Math.floor(ms / SECOND_MS)
const VERIFIED = 'verified'

/** The mails of reliability S15 and their kin, each with what becomes of it. */
const CASES: readonly [what: string, mail: () => Buffer, verdict: typeof VERIFIED | DistrustCode][] = [
  // The list of S15.
  ['unsigned', () => PLAIN, 'unsigned'],
  ['a changed body', () => withLine(sign(), /A report\./, 'A retort.'), 'signature-broken'],
  ['a changed header', () => withLine(sign(), /^(Subject:.*)a\.example/m, '$1b.example'), 'signature-broken'],
  ['another d=', () => sign({ domain: 'other.example' }), 'signer-not-aligned'],
  [
    'd= is a public suffix',
    () => sign({ domain: 'co.uk' }, fromHeader('a@sender.co.uk')),
    'signer-not-aligned',
  ],
  ['l= over the whole body', () => sign({ extra: 'l=99999' }), 'body-length-limit'],
  ['l=0', () => sign({ extra: 'l=0', bodyBytes: 0 }), 'body-length-limit'],
  ['s=email', () => sign({ selector: 'email' }), 'key-for-another-service'],
  ['s=*', () => sign({ selector: 'any' }), VERIFIED],
  ['s=tlsrpt', () => sign({ selector: 'tlsrpt' }), VERIFIED],
  ['s=email:tlsrpt', () => sign({ selector: 'both' }), VERIFIED],
  ['sha1', () => sign({ algorithm: 'rsa-sha1' }), 'algorithm-too-weak'],
  ['512 bit', () => sign({ selector: 'bits512', key: keys.bits512.privateKey }), 'key-too-short'],
  ['1024 bit', () => sign({ selector: 'bits1024', key: keys.bits1024.privateKey }), VERIFIED],
  ['ed25519', () => sign({ selector: 'ed', key: keys.ed.privateKey }), VERIFIED],
  ['t=y', () => sign({ selector: 'test' }), 'key-in-test-mode'],
  ['x= past', () => sign({ extra: `x=${seconds(NOW) - 1}` }), 'signature-expired'],
  ['t= future', () => sign({ extra: `t=${seconds(NOW + HOUR_MS) + 1}` }), 'signature-from-the-future'],
  [
    'two From headers',
    () => sign({}, Buffer.concat([Buffer.from('From: a@sender.example\r\n'), PLAIN])),
    'from-ambiguous',
  ],
  [
    'From with two addresses',
    () => sign({}, fromHeader('a@sender.example, b@sender.example')),
    'from-ambiguous',
  ],
  ['group syntax', () => sign({}, fromHeader('Reports: a@sender.example;')), 'from-ambiguous'],
  [
    'Subject unsigned',
    () => sign({ headers: SIGNED_HEADERS.filter((name) => name !== 'Subject') }),
    'header-unsigned',
  ],
  ['two signatures, the lower one good', () => sign({ selector: 'test' }, sign()), VERIFIED],
  ['a thousand signatures, the good one last', () => withOwn(1_000), 'key-missing'],
  // Their neighbours.
  ['a good one', () => sign(), VERIFIED],
  ['a thousand signatures of others before the good one', () => withForeign(1_000), VERIFIED],
  ['simple/simple', () => sign({ canonicalization: 'simple/simple' }), VERIFIED],
  ['simple/relaxed', () => sign({ canonicalization: 'simple/relaxed' }), VERIFIED],
  ['relaxed/simple', () => sign({ canonicalization: 'relaxed/simple' }), VERIFIED],
  ['two signatures, the upper one good', () => sign({}, sign({ selector: 'test' })), VERIFIED],
  ['1023 bit', () => sign({ selector: 'bits1023', key: keys.bits1023.privateKey }), 'key-too-short'],
  ['x= is now', () => sign({ extra: `x=${seconds(NOW)}` }), VERIFIED],
  ['t= an hour ahead', () => sign({ extra: `t=${seconds(NOW + HOUR_MS)}` }), VERIFIED],
  ['x= before t=', () => sign({ extra: `t=${seconds(NOW)}; x=${seconds(NOW)}` }), 'signature-malformed'],
  ['a subdomain signs for its parent', () => sign({ domain: 'mail.sender.example' }), 'signer-not-aligned'],
  ['the parent signs for a subdomain', () => sign({}, fromHeader('a@tls.sender.example')), VERIFIED],
  ['the sender in U-labels', () => sign({}, fromHeader('a@tl\xc3\xa4s.sender.example')), VERIFIED],
  ['i= of a subdomain', () => sign({ extra: 'i=x@mail.sender.example' }), VERIFIED],
  ['i= of another domain', () => sign({ extra: 'i=x@example' }), 'signature-malformed'],
  [
    't=s and i= of a subdomain',
    () => sign({ selector: 'exact', extra: 'i=@mail.sender.example' }),
    'signature-malformed',
  ],
  ['t=s and i= of the domain', () => sign({ selector: 'exact', extra: 'i=@sender.example' }), VERIFIED],
  [
    'TLS-Report-Domain unsigned, as by Microsoft',
    () => sign({ headers: SIGNED_HEADERS.filter((name) => name !== 'TLS-Report-Domain') }),
    VERIFIED,
  ],
  [
    'TLS-Report-Submitter unsigned, as by Microsoft',
    () => sign({ headers: SIGNED_HEADERS.filter((name) => name !== 'TLS-Report-Submitter') }),
    VERIFIED,
  ],
  [
    'TLS-Report headers not there and not signed',
    () => sign({ headers: ['From', 'Subject'] }, mail({ reportHeaders: [], parts: [HUMAN, MACHINE] })),
    VERIFIED,
  ],
  [
    'a Subject put before a mail without one',
    () =>
      sign(
        { headers: ['From', 'TLS-Report-Domain', 'TLS-Report-Submitter'] },
        withLine(PLAIN, /^Subject:.*\r\n/m, ''),
      ),
    'header-unsigned',
  ],
  [
    'a second Subject on top',
    () => Buffer.concat([Buffer.from('Subject: other\r\n'), sign()]),
    'header-unsigned',
  ],
  ['From unsigned', () => sign({ headers: ['Subject'] }), 'signature-malformed'],
  ['no such key', () => sign({ selector: 'nowhere' }), 'key-missing'],
  ['a revoked key', () => sign({ selector: 'revoked' }), 'key-missing'],
  ['an SPF record in place of the key', () => sign({ selector: 'spf' }), 'key-malformed'],
  ['an SPF record beside the key', () => sign({ selector: 'withSpf' }), VERIFIED],
  ['two keys at one name', () => sign({ selector: 'twice' }), 'key-malformed'],
  ['p= is no base64', () => sign({ selector: 'nonsense' }), 'key-malformed'],
  ['p= is no key', () => sign({ selector: 'noKey' }), 'key-malformed'],
  ['an unknown key type', () => sign({ selector: 'otherType' }), 'key-malformed'],
  ['an RSA key called Ed25519', () => sign({ selector: 'wrongType' }), 'key-malformed'],
  ['an Ed25519 key for an RSA signature', () => sign({ selector: 'ed' }), 'key-malformed'],
  ['the key of somebody else', () => sign({ key: rsaKey(2048).privateKey }), 'signature-broken'],
  ['a key for sha1 alone', () => sign({ selector: 'sha1only' }), 'algorithm-too-weak'],
  ['a key for sha256 as well', () => sign({ selector: 'sha256too' }), VERIFIED],
  ['a key with spaces everywhere', () => sign({ selector: 'spaced' }), VERIFIED],
  ['a bare RSAPublicKey without tags', () => sign({ selector: 'bare', key: keys.bare.privateKey }), VERIFIED],
  ['a key behind an alias', () => sign({ selector: 'alias' }), VERIFIED],
  ['a key record of 4 KiB', () => sign({ selector: 'long' }), VERIFIED],
  ['a key record of a byte more', () => sign({ selector: 'tooLong' }), 'key-malformed'],
  ['an unknown algorithm', () => sign({ algorithm: 'rsa-sha512' }), 'algorithm-too-weak'],
  ['no address in From', () => sign({}, fromHeader('reports')), 'from-ambiguous'],
  ['no From', () => sign({}, withLine(PLAIN, /^From:.*\r\n/m, '')), 'from-ambiguous'],
  ['v=2', () => sign({ rewrite: (header) => header.replace('v=1', 'v=2') }), 'signature-malformed'],
  ['a tag twice', () => sign({ extra: 'd=sender.example' }), 'signature-malformed'],
  ['D= for d=', () => sign({ rewrite: (header) => header.replace(' d=', ' D=') }), 'signature-malformed'],
  ['B= before b=', () => sign({ extra: 'B=x' }), VERIFIED],
  ['q=dns/txt', () => sign({ extra: 'q=dns/txt' }), VERIFIED],
  ['another q=', () => sign({ extra: 'q=https' }), 'signature-malformed'],
]

function withForeign(count: number): Buffer {
  const foreign = signatureOf(sign({ domain: 'other.example' }))
  return Buffer.concat([Buffer.from(foreign.repeat(count), 'latin1'), sign()])
}

/** Each with a key of its own that does not exist. */
function withOwn(count: number): Buffer {
  const own = signatureOf(sign({ selector: 'none' }))
  const many = Array.from({ length: count }, (_, n) => own.replace('s=none', `s=none${n}`))
  return Buffer.concat([Buffer.from(many.join(''), 'latin1'), sign()])
}

/** The header field on top, with its line end. */
function signatureOf(bytes: Buffer): string {
  return /^DKIM-Signature:(?:.*\r\n[ \t])*.*\r\n/.exec(bytes.toString('latin1'))?.[0] ?? ''
}

describe('which mails are verified, and why the others are not', () => {
  it.each(CASES)('%s', async (_what, make, verdict) => {
    const found = await judge(make())
    if (verdict === VERIFIED) expect(found).toMatchObject({ trust: 'verified', signer: DOMAIN })
    else expect(found).toMatchObject({ trust: 'unverified', because: verdict })
  })

  it('accepts exactly six of the mails of S15', () => {
    expect(CASES.slice(0, 24).filter(([, , verdict]) => verdict === VERIFIED)).toHaveLength(6)
  })
})

describe('what is told', () => {
  it('the signer and the selector of the signature that counts', async () => {
    expect(await judge(sign({ selector: 'tlsrpt' }, sign({ selector: 'email' })))).toEqual({
      trust: 'verified',
      signer: DOMAIN,
      selector: 'tlsrpt',
    })
  })

  it.each([
    ['the From domain is claimed', PLAIN, { claimed: DOMAIN }],
    ['nobody is claimed when From is ambiguous', fromHeader('a@b.example, c@d.example'), { claimed: null }],
    [
      'the key that is missing',
      sign({ selector: 'nowhere' }),
      { detail: expect.stringContaining('nowhere._domainkey.sender.example') },
    ],
    [
      'both domains',
      sign({ domain: 'other.example' }),
      { detail: 'signed by other.example, but the mail is from sender.example' },
    ],
  ])('%s', async (_what, bytes, told) => {
    expect(await judge(bytes)).toMatchObject(told)
  })

  it('of several signatures the reason of the one that got furthest', async () => {
    const foreign = sign({ domain: 'other.example' })
    expect(await judge(sign({ selector: 'test' }, foreign))).toMatchObject({ because: 'key-in-test-mode' })
    const short = sign({ selector: 'bits512', key: keys.bits512.privateKey }, sign({ selector: 'nowhere' }))
    expect(await judge(short)).toMatchObject({ because: 'key-too-short' })
  })
})

describe('temporary trouble of the DNS', () => {
  it.each(['servfail', 'silent', 'refused'])('%s: the mail is postponed', async (selector) => {
    expect(await judge(sign({ selector }))).toEqual({
      postponed: expect.stringContaining(`${selector}._domainkey.sender.example`),
    })
  })

  it('a good signature beside it is enough', async () => {
    expect(await judge(sign({ selector: 'servfail' }, sign()))).toMatchObject({ trust: 'verified' })
  })

  it('a bad signature beside it is not', async () => {
    expect(await judge(sign({ selector: 'servfail' }, sign({ selector: 'test' })))).toHaveProperty(
      'postponed',
    )
  })

  it.each([
    ['a foreign signature', sign({ selector: 'servfail', domain: 'other.example' })],
    ['a changed body', withLine(sign({ selector: 'servfail' }), /A report\./, 'A retort.')],
    ['an expired signature', sign({ selector: 'servfail', extra: 'x=1' })],
  ])('does not matter to %s, which asks for no key', async (_what, bytes) => {
    dns.asked()
    expect(await judge(bytes)).toMatchObject({ trust: 'unverified' })
    expect(dns.asked()).toEqual([])
  })
})

describe('a thousand signatures', () => {
  it('of others: only the own one costs a question', async () => {
    dns.asked()
    expect(await judge(withForeign(1_000))).toMatchObject({ trust: 'verified' })
    expect(dns.asked()).toEqual([at('good')])
  })

  it.each([
    [4, 'verified'],
    [5, 'unverified'],
  ])('of the own domain: with %i before it the good one is %s', async (before, trust) => {
    let bytes = sign()
    for (let n = 0; n < before; n++) bytes = sign({ selector: `none${n}` }, bytes)
    dns.asked()
    expect(await judge(bytes)).toMatchObject({ trust })
    expect(dns.asked()).toHaveLength(5)
  })

  it('of the own domain and in no time: five questions, and it is told how many there were', async () => {
    dns.asked()
    const found = await judge(withOwn(1_000))
    expect(found).toMatchObject({ because: 'key-missing' })
    expect(found).toMatchObject({ detail: expect.stringContaining('of 1001 signatures 5 were evaluated') })
    expect(dns.asked()).toHaveLength(5)
  })
})

describe('line ends and envelopes do not matter', () => {
  it.each([
    [
      'bare line feeds',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    ],
    [
      'a "From " line on top',
      (bytes: Buffer) => Buffer.concat([Buffer.from('From a@b Sun Jan 11 03:00:00 2026\n'), bytes]),
    ],
  ])('%s', async (_what, change) => {
    expect(await judge(change(sign()))).toMatchObject({ trust: 'verified' })
  })
})

describe('a line of the header that begins no field and is not folded', () => {
  it.each([
    ['where the white space before a signed value was', 'Subject: Report', 'Subject:\r\nReport'],
    ['where that before an address was', 'From: TLS', 'From:\r\nTLS'],
    ['in the signature itself', '; c=relaxed', ';\r\nc=relaxed'],
  ])('%s breaks the signature, though canonicalization would hide it', async (_where, good, broken) => {
    const text = sign().toString('latin1')
    expect(text).toContain(good)
    expect(await judge(Buffer.from(text.replace(good, broken), 'latin1'))).toMatchObject({
      trust: 'unverified',
      because: 'signature-broken',
    })
  })
})

describe('our own border', () => {
  const bordered = (...results: readonly string[]) =>
    Buffer.concat([Buffer.from(results.map((one) => `Authentication-Results: ${one}\r\n`).join('')), PLAIN])
  const good = 'mx.border.example; dkim=pass header.d=sender.example'
  const trusted = { trust: 'border', signer: DOMAIN, authservId: 'mx.border.example' }

  it.each([
    ['plain', good],
    ['with a version', 'mx.border.example 1; dkim=pass header.d=sender.example'],
    [
      'with comments',
      '(a) mx.border.example (b;c) 1 ; dkim=pass (2048-bit; \\) key) header.d (x) = (y) sender.example',
    ],
    ['with capitals', 'MX.Border.Example; DKIM=Pass Header.D=Sender.Example'],
    [
      'folded',
      'mx.border.example;\r\n\tspf=fail smtp.mailfrom=x@y.example;\r\n\tdkim=pass\r\n\theader.d=sender.example',
    ],
    ['quoted', 'mx.border.example; dkim=pass header.d="sender.example"'],
    ['with spaces around "="', 'mx.border.example; dkim = pass header . d = sender.example'],
    ['with a reason', 'mx.border.example; dkim=pass reason="good; dkim=fail" header.d=sender.example'],
    ['with the version of the method', 'mx.border.example; dkim/1=pass header.d=sender.example'],
    [
      'with the identity alone, as Gmail writes it',
      'mx.border.example; dkim=pass header.i=@sender.example header.s=x',
    ],
    [
      'with a foreign signature first',
      `mx.border.example; dkim=pass header.d=other.example; ${good.split('; ')[1]}`,
    ],
  ])('is believed: %s', async (_what, result) => {
    expect(await judge(bordered(result), 'mx.border.example')).toEqual(trusted)
  })

  it.each([
    ['is not the topmost', ['mx.other.example; none', good]],
    ['has a similar name', ['mx.border.example.other.example; dkim=pass header.d=sender.example']],
    ['says fail', ['mx.border.example; dkim=fail header.d=sender.example']],
    ['says it in a comment', ['mx.border.example; none (; dkim=pass header.d=sender.example)']],
    [
      'says it in a quoted string',
      ['mx.border.example; spf=pass smtp.mailfrom="; dkim=pass header.d=sender.example"'],
    ],
    ['says it of SPF', ['mx.border.example; spf=pass header.d=sender.example']],
    ['says it of another domain', ['mx.border.example; dkim=pass header.d=other.example']],
    [
      'says it of another domain first',
      ['mx.border.example; dkim=pass header.d=other.example header.d=sender.example'],
    ],
    ['says it of a public suffix', ['mx.border.example; dkim=pass header.d=example']],
    ['has another version', ['mx.border.example 2; dkim=pass header.d=sender.example']],
    ['does not speak first', ['mx.other.example; dkim=pass header.d=sender.example']],
    ['says nothing', ['mx.border.example']],
  ])('is not believed when it %s', async (_what, results) => {
    expect(await judge(bordered(...results), 'mx.border.example')).toMatchObject({ because: 'unsigned' })
  })

  it('is not believed unless it is configured', async () => {
    expect(await judge(bordered(good))).toMatchObject({ because: 'unsigned' })
  })

  it('does not help an ambiguous From', async () => {
    const two = Buffer.concat([Buffer.from('From: x@sender.example\r\n'), bordered(good)])
    expect(await judge(two, 'mx.border.example')).toMatchObject({ because: 'from-ambiguous' })
  })

  it('counts less than a signature that we verified, and more than a key that nobody knows', async () => {
    const header = Buffer.from(`Authentication-Results: ${good}\r\n`)
    const id = 'mx.border.example'
    expect(await judge(Buffer.concat([header, sign()]), id)).toMatchObject({ trust: 'verified' })
    expect(await judge(Buffer.concat([header, sign({ selector: 'servfail' })]), id)).toEqual(trusted)
  })
})

it("the library's own verifier agrees about every signature that we accept", async () => {
  const { dkimVerify } = createRequire(import.meta.url)('mailauth/lib/dkim/verify.js')
  const accepted = CASES.filter(([, , verdict]) => verdict === VERIFIED)
  for (const [what, make] of accepted) {
    const resolver = async (name: string) => {
      const look = await dns.resolver.txt(name.toLowerCase() as DomainName, new AbortController().signal)
      const texts = look.outcome === 'seen' ? look.value.records : []
      return texts.filter((text) => /p ?=/.test(text)).map((text) => [text.replace(/s=[^;]*;/, '')])
    }
    const { results } = await dkimVerify(make(), { resolver, curTime: new Date(NOW) })
    const passed = results.some((one: { status: { result: string } }) => one.status.result === 'pass')
    expect(passed, what).toBe(true)
  }
})

it('nothing is printed, and nothing thrown, for hostile headers', async () => {
  const printed = vi.spyOn(process.stderr, 'write')
  const logged = vi.spyOn(process.stdout, 'write')
  const hostile = [
    'DKIM-Signature: v=1; a=rsa-sha256; d=__proto__; s=constructor; h=from; bh=; b=',
    `DKIM-Signature: ${';'.repeat(100_000)}`,
    `DKIM-Signature: ${'='.repeat(100_000)}`,
    `DKIM-Signature: v=1; h=${'from:'.repeat(100_000)}`,
    `From: ${'('.repeat(100_000)}`,
    `From: ${'"'.repeat(99_999)}`,
    `From: ${'<'.repeat(100_000)}@`,
    `Authentication-Results: ${'a.'.repeat(100_000)}; ${'= '.repeat(100_000)}`,
    `DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=${'a-'.repeat(50_000)}; h=from:subject; bh=aa; b=aa`,
    'DKIM-Signature',
    '\0\xff: \xff',
  ]
  const answer: KeyLookUp = { outcome: 'found', texts: ['\0', 'v=DKIM1; p=\xff', 'p', '='.repeat(4_000)] }
  for (const line of hostile) {
    const bytes = Buffer.concat([Buffer.from(`${line}\r\n`, 'latin1'), PLAIN])
    const startedAt = performance.now()
    await authenticate(bytes, async () => answer, NOW, { trustAuthservId: 'a' })
    await authenticate(Buffer.from(line, 'latin1'), async () => answer, NOW, { trustAuthservId: 'a' })
    expect(performance.now() - startedAt, line.slice(0, 60)).toBeLessThan(20_000)
  }
  expect(printed.mock.calls).toEqual([])
  expect(logged.mock.calls).toEqual([])
})
