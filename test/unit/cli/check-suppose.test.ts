import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NOTHING_SUPPOSED, type SupposeOptions } from '../../../src/cli/suppose-options.ts'
import {
  dnsFault,
  editDomain,
  editHost,
  healthyDomain,
  mailHost,
  policyText,
} from '../../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { checkLab, SILENT_DNS } from './check-lab.ts'

const HEALTHY = [healthyDomain('a.example'), healthyDomain('b.example')]

async function whatIfLab() {
  const it = await checkLab(HEALTHY)
  return {
    ...it,
    [Symbol.asyncDispose]: it[Symbol.asyncDispose],
    async file(text: string | Uint8Array): Promise<string> {
      const file = join(it.directory, 'new.txt')
      await writeFile(file, text)
      return file
    },
    /** What is found in the supposed world, and the whole answer. */
    async whatIf(suppose: Partial<SupposeOptions>, names: readonly string[] = ['a.example']) {
      const request = { json: true, suppose: { ...NOTHING_SUPPOSED, ...suppose } }
      const { status, out, err } = await it.check(names, { request })
      const answer = out === '' ? null : JSON.parse(out)
      const codes: readonly string[] = (answer?.findings ?? []).map(({ code }: { code: string }) => code)
      return { status, err, answer, codes }
    },
  }
}

/** The certificate that mx1.a.example really shows, as a look sees it. */
async function keyOf(it: Awaited<ReturnType<typeof whatIfLab>>): Promise<string> {
  const { answer } = await it.whatIf({ mx: ['mx1.a.example'] })
  return answer.snapshot.hosts[0].sessions[0].smtp.value.startTls.tls.chain[0].spkiSha256
}

describe('check --policy', () => {
  test('judges a policy as if it were served under a new id', async () => {
    await using it = await whatIfLab()
    const good = await it.whatIf({ policy: await it.file(policyText({ mx: ['*.a.example'] })) })
    expect([good.status, good.codes]).toEqual([0, []])
    const record = good.answer.snapshot.stsRecord.value.records[0]
    expect(record).toMatch(/^v=STSv1; id=[0-9a-f]{20};$/)
    const bad = await it.whatIf({ policy: await it.file(policyText({ mx: ['other.a.example'] })) })
    expect([bad.status, bad.codes]).toEqual([
      1,
      ['mta-sts.policy.mx-uncovered', 'mta-sts.policy.pattern-unused'],
    ])
  })

  test('needs no policy host and no record yet', async () => {
    await using it = await whatIfLab()
    it.lab.change((world) => editDomain(world, 'a.example', { policy: null, stsRecord: [] }))
    const { status, codes } = await it.whatIf({
      policy: await it.file(policyText({ mx: ['mx1.a.example'] })),
    })
    expect([status, codes]).toEqual([0, []])
  })

  test('leaves aside what a broken policy host serves now', async () => {
    await using it = await whatIfLab()
    it.lab.change((world) => editHost(world, 'mta-sts.a.example', { certificate: CERTIFICATES.expired }))
    const { status, codes } = await it.whatIf({
      policy: await it.file(policyText({ mx: ['mx1.a.example'] })),
    })
    expect([status, codes]).toEqual([0, []])
  })

  test('keeps the record where the text is the one that is served', async () => {
    await using it = await whatIfLab()
    const { answer } = await it.whatIf({ policy: await it.file(policyText({ mx: ['mx1.a.example'] })) })
    expect(answer.snapshot.stsRecord.value.records).toEqual(['v=STSv1; id=20260101T000000Z;'])
  })

  test.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', 'mta-sts.policy.invalid'],
    ['a binary file', Uint8Array.from({ length: 512 }, (_, index) => index % 256), 'mta-sts.policy.invalid'],
    [
      'a megabyte',
      `${policyText({ mx: ['mx1.a.example'] })}${'x: y\r\n'.repeat(180_000)}`,
      'mta-sts.policy.unfetchable',
    ],
    ['more than 64 KiB by one byte', 'x'.repeat(65_537), 'mta-sts.policy.unfetchable'],
    ['64 KiB', 'x'.repeat(65_536), 'mta-sts.policy.invalid'],
  ])('of %s finds what senders would', async (_, text, code) => {
    await using it = await whatIfLab()
    const { status, codes } = await it.whatIf({ policy: await it.file(text) })
    expect([status, codes]).toEqual([1, [code]])
  })

  test('comes from standard input', async () => {
    await using it = await checkLab(HEALTHY)
    const suppose = { ...NOTHING_SUPPOSED, policy: '-' }
    const input = policyText({ mode: 'none', mx: [], maxAgeSeconds: 86_400 })
    const { out } = await it.check(['a.example'], { io: { input }, request: { suppose } })
    expect(out).toContain('policy: standard input')
    expect(out).toContain('mode none')
  })

  test.each(['/nowhere/policy.txt', '/tmp'])('of %s, which cannot be read, ends with 66', async (policy) => {
    await using it = await whatIfLab()
    const { status, answer, err } = await it.whatIf({ policy })
    expect([status, answer]).toEqual([66, null])
    expect(err).toMatch(/^cannot read [^\n]+\n$/)
  })
})

describe('check --mx', () => {
  test('really looks at the given hosts', async () => {
    await using it = await whatIfLab()
    it.lab.change((world) => ({
      ...world,
      hosts: [
        ...world.hosts,
        mailHost('mx.c.example', { certificate: CERTIFICATES.expired }),
        mailHost('mx2.c.example', { smtp: 'no-starttls' }),
      ],
      zones: [...world.zones, { name: 'c.example', secure: false }],
    }))
    const { status, codes, answer } = await it.whatIf({ mx: ['mx.c.example', '5 mx2.c.example'] })
    expect(status).toBe(1)
    expect(codes).toEqual(
      expect.arrayContaining([
        'mta-sts.policy.mx-uncovered',
        'mx.certificate.expired',
        'mx.starttls.missing',
      ]),
    )
    expect(
      answer.snapshot.hosts.map(({ name, preference }: { name: string; preference: number }) => [
        preference,
        name,
      ]),
    ).toEqual([
      [5, 'mx2.c.example'],
      [10, 'mx.c.example'],
    ])
  })

  test('with the policy for it is clean', async () => {
    await using it = await whatIfLab()
    const policy = await it.file(policyText({ mx: ['mx1.b.example'] }))
    const { status, codes } = await it.whatIf({ policy, mx: ['mx1.b.example'] })
    expect([status, codes]).toEqual([0, []])
  })

  test('proves nothing about our own sight', async () => {
    await using it = await checkLab([
      healthyDomain('a.example'),
      healthyDomain('b.example', { secure: true }),
    ])
    const silent = (['TXT', 'MX', 'TLSA'] as const).map((type) => dnsFault('*', 'timeout', { type }))
    it.lab.change((world) => ({ ...world, dnsFaults: silent }))
    const suppose = { ...NOTHING_SUPPOSED, mx: ['mx1.b.example'], policy: '-' }
    const { status, out } = await it.check(['a.example'], {
      limits: SILENT_DNS,
      io: { input: policyText({ mx: ['mx1.b.example'] }) },
      request: { suppose },
    })
    // The TLSA question is not answered, but no other one is either.
    expect(out).toContain('MX: 10 mx1.b.example')
    expect(out).not.toMatch(/critical|warning:|info:/)
    expect(status).toBe(3)
  })
})

describe('check --tlsa', () => {
  test('that matches what the host shows is clean, in a zone that is not signed yet', async () => {
    await using it = await whatIfLab()
    const key = await keyOf(it)
    for (const tlsa of [
      `3 1 1 ${key}`,
      `mx1.a.example 3 1 1 ${key}`,
      `_25._tcp.mx1.a.example. 3600 IN TLSA 3 1 1 ${key.toUpperCase()}`,
    ]) {
      const { status, codes, answer } = await it.whatIf({ tlsa: [tlsa] })
      expect([status, codes]).toEqual([0, []])
      expect(answer.snapshot.hosts[0].tlsa.value).toMatchObject({
        records: [`3 1 1 ${key}`],
        security: 'secure',
      })
    }
  })

  test('that does not match is a mismatch, unless another one does', async () => {
    await using it = await whatIfLab()
    const key = await keyOf(it)
    const wrong = `3 1 1 ${'ab'.repeat(32)}`
    const alone = await it.whatIf({ tlsa: [wrong] })
    expect([alone.status, alone.codes]).toEqual([1, ['dane.tlsa.mismatch']])
    const both = await it.whatIf({ tlsa: [wrong, `3 1 1 ${key}`] })
    expect([both.status, both.codes]).toEqual([0, []])
  })

  test('of a trust anchor is held against the chain that is sent', async () => {
    await using it = await whatIfLab()
    const { codes, answer } = await it.whatIf({ tlsa: [`2 1 1 ${'ab'.repeat(32)}`] })
    expect(codes).toEqual(['dane.tlsa.anchor-not-sent'])
    expect(answer.snapshot.hosts[0].sessions[0].dane.outcome).toBe('seen')
  })

  test('of a host that is no MX host changes nothing, and says so', async () => {
    await using it = await checkLab(HEALTHY)
    const suppose = { ...NOTHING_SUPPOSED, tlsa: [`mx9.a.example 3 1 1 ${'ab'.repeat(32)}`] }
    const { status, out } = await it.check(['a.example'], { request: { suppose } })
    expect(status).toBe(0)
    expect(out).toContain('mx9.a.example is no MX host here')
  })
})

test('--sts-record is judged as the record', async () => {
  await using it = await whatIfLab()
  const { status, codes } = await it.whatIf({ stsRecord: 'v=STSv1; id=2026-01-01;' })
  expect([status, codes]).toEqual([1, ['mta-sts.record.invalid']])
})

test('the head says that this world is not published, and what was supposed; nothing is stored', async () => {
  await using it = await checkLab(HEALTHY)
  const suppose = {
    policy: '-',
    mx: ['mx1.b.example'],
    tlsa: [`3 1 1 ${'ab'.repeat(32)}`],
    stsRecord: 'v=STSv1; id=new;',
  }
  const { out } = await it.check(['a.example'], { io: { input: policyText({}) }, request: { suppose } })
  expect(out.split('\n').slice(1, 8)).toEqual([
    'WHAT IF: this world is not published. Supposed, in the place of what is there:',
    '    policy: standard input, as if mta-sts.a.example served it without fault',
    '    _mta-sts: "v=STSv1; id=new;"',
    '    MX: 10 mx1.b.example',
    expect.stringMatching(/^ {4}TLSA of every MX host: 3 1 1 abab/),
    expect.stringContaining('DNSSEC'),
    '    All else was looked at. Nothing of this is stored.',
  ])
})

test('without what-if options nothing is supposed', async () => {
  await using it = await whatIfLab()
  const { answer } = await it.whatIf({})
  expect(answer).not.toHaveProperty('supposed')
})

test.each<[string, Partial<SupposeOptions>, readonly string[], RegExp]>([
  ['two domains', { mx: ['mx.a.example'] }, ['a.example', 'b.example'], /one domain at a time/],
  [
    'an MX host that is an address',
    { mx: ['192.0.2.1'] },
    ['a.example'],
    /--mx 192\.0\.2\.1: write a host name/,
  ],
  [
    'an MX host with a preference beyond 65535',
    { mx: ['65536 mx.a.example'] },
    ['a.example'],
    /--mx 65536 mx/,
  ],
  [
    'a TLSA record without digest',
    { tlsa: ['mx.a.example 3 1'] },
    ['a.example'],
    /--tlsa "mx\.a\.example 3 1": write "3 1 1 <hex>"/,
  ],
  ['a TLSA record that is none', { tlsa: ['hello\u001b[2J'] }, ['a.example'], /--tlsa "hello\\u\{1b\}\[2J"/],
])('what if is refused with status 2 for %s', async (_, suppose, names, complaint) => {
  await using it = await whatIfLab()
  const { status, err, answer } = await it.whatIf(suppose, names)
  expect([status, answer]).toEqual([2, null])
  expect(err).toMatch(complaint)
  expect(err).toMatch(/^stswatch check: [^\n]+\n$/)
})
