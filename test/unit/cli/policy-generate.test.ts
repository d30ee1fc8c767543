import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/check/lint.ts'
import { type GenerateOptions, policyGenerateCommand } from '../../../src/cli/policy-generate.ts'
import { dnsFault, editDomain, editHost, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import type { World as LabWorld } from '../../../src/lab/world.ts'
import { policyIdOf } from '../../../src/protocol/mta-sts/generate-policy.ts'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../../src/protocol/mta-sts/record.ts'
import { type CheckLabOptions, checkLab, SILENT_DNS, SILENT_HOSTS } from './check-lab.ts'

const PLAIN: GenerateOptions = { mode: 'testing', maxAge: '604800', rua: [], resolver: [] }

async function generateLab(change: (world: LabWorld) => LabWorld = (world) => world) {
  const it = await checkLab([healthyDomain('a.example')])
  it.lab.change(change)
  const generate = (
    options: Partial<GenerateOptions> = {},
    around: Pick<CheckLabOptions, 'io' | 'limits' | 'route'> = {},
    domain = 'a.example',
  ) =>
    it.run(
      (configFile, io, world) =>
        policyGenerateCommand({ configFile, domain, options: { ...PLAIN, ...options } }, io, world),
      around,
    )
  return { ...it, [Symbol.asyncDispose]: it[Symbol.asyncDispose], generate }
}

const TWO_HOSTS = (world: LabWorld) =>
  editDomain(world, 'a.example', (domain) => ({
    ...domain,
    hosts: [...domain.hosts, mailHost('mx2.a.example')],
    mx: [
      { preference: 20, exchange: 'mx1.a.example' },
      { preference: 10, exchange: 'mx2.a.example' },
    ],
  }))

describe('policy generate', () => {
  test('prints the file, what to publish, and in which order', async () => {
    await using it = await generateLab(TWO_HOSTS)
    const { status, out, err } = await it.generate()
    expect([status, err]).toEqual([0, ''])
    const lines = [
      'Policy of a.example, mode testing, for its MX hosts: mx2.a.example, mx1.a.example',
      '1. Serve this file:',
      '    https://mta-sts.a.example/.well-known/mta-sts.txt',
      '    version: STSv1',
      '    mode: testing',
      '    mx: mx1.a.example',
      '    mx: mx2.a.example',
      '    max_age: 604800',
      '2. Once every address of that host serves it, publish:',
    ]
    expect(out.split('\n').filter((line) => lines.includes(line))).toEqual(lines)
    expect(out).toMatch(/^ {4}_mta-sts\.a\.example\. IN TXT "v=STSv1; id=[0-9a-f]{20};"$/m)
    expect(out).toContain('a certificate for mta-sts.a.example')
    expect(out).not.toContain('_smtp._tls')
  })

  test('as JSON gives a policy and a record that the strict parsers have nothing to say about', async () => {
    await using it = await generateLab(TWO_HOSTS)
    const made = JSON.parse((await it.generate({ json: true, mode: 'enforce', maxAge: '1209600' })).out)
    expect(parseStsPolicy(made.policy)).toEqual({
      value: {
        version: 'STSv1',
        mode: 'enforce',
        maxAgeSeconds: 1_209_600,
        mxPatterns: ['mx1.a.example', 'mx2.a.example'],
      },
      problems: [],
    })
    expect(made.id).toBe(policyIdOf(made.policy))
    const [, text = ''] = /"(.*)"/.exec(made.records[0]) ?? []
    expect(parseStsRecord([text])).toEqual({ value: { id: made.id }, problems: [] })
  })

  test('gives the same id for the same hosts, and another one for any other policy', async () => {
    await using it = await generateLab()
    const idOf = async (options: Partial<GenerateOptions>) =>
      JSON.parse((await it.generate({ json: true, ...options })).out).id
    const first = await idOf({})
    expect(await idOf({})).toBe(first)
    const others = [
      await idOf({ mode: 'enforce' }),
      await idOf({ maxAge: '604801' }),
      await idOf({ wildcard: true }),
    ]
    it.lab.change(TWO_HOSTS)
    expect(new Set([first, ...others, await idOf({})]).size).toBe(5)
  })

  test.each(['enforce', 'testing', 'none'])(
    'in mode %s gives what policy lint has nothing to say about',
    async (mode) => {
      await using it = await generateLab(TWO_HOSTS)
      for (const wildcard of [false, true]) {
        const made = JSON.parse((await it.generate({ json: true, mode, wildcard })).out)
        const { isClean, problems, views } = lintPolicy(made.policy, [])
        expect({ isClean, problems }).toEqual({ isClean: true, problems: [] })
        expect(views.every(({ outcome }) => outcome === 'reads')).toBe(true)
      }
    },
  )

  test('covers neighbours only when told to', async () => {
    await using it = await generateLab(TWO_HOSTS)
    const made = JSON.parse((await it.generate({ json: true, wildcard: true })).out)
    expect(parseStsPolicy(made.policy).value?.mxPatterns).toEqual(['*.a.example'])
  })

  test('with --rua adds the record of TLS reporting', async () => {
    await using it = await generateLab()
    const { out } = await it.generate({ rua: ['tls@a.example', 'https://reports.example.net/tls'] })
    expect(out).toContain(
      '_smtp._tls.a.example. IN TXT "v=TLSRPTv1; rua=mailto:tls@a.example,https://reports.example.net/tls"',
    )
  })

  test('warns of hosts that would fail, and ends with 1', async () => {
    await using it = await generateLab((world) =>
      editHost(TWO_HOSTS(world), 'mx2.a.example', { certificate: CERTIFICATES.expired }),
    )
    const { status, out } = await it.generate({ mode: 'enforce' })
    expect(status).toBe(1)
    expect(out).toMatch(/^! .*mx2\.a\.example.*expired.*Senders would not deliver there\.$/ms)
    expect(out).toContain('mx: mx2.a.example')
  })

  test('says of which hosts nothing is known behind a firewall that closes port 25', async () => {
    await using it = await generateLab()
    const { status, out } = await it.generate(
      {},
      {
        limits: SILENT_HOSTS,
        route: (lab) => (to, at) => (at === 25 ? 'timeout' : lab(to, at)),
      },
    )
    expect(status).toBe(0)
    expect(out).toContain('? No answer on port 25 from mx1.a.example')
  })

  test('names the domain itself where it has no MX record but an address', async () => {
    await using it = await generateLab((world) =>
      editDomain(world, 'a.example', (domain) => ({ ...domain, mx: [], hosts: [mailHost('a.example')] })),
    )
    const made = JSON.parse((await it.generate({ json: true })).out)
    expect(parseStsPolicy(made.policy).value?.mxPatterns).toEqual(['a.example'])
  })

  test('in mode none needs no mail host', async () => {
    await using it = await generateLab((world) =>
      editDomain(world, 'a.example', { mx: [{ preference: 0, exchange: '.' }] }),
    )
    const { status, out } = await it.generate({ mode: 'none', maxAge: '86400' })
    expect(status).toBe(0)
    expect(out).toContain('    mode: none\n    mx: a.example\n    max_age: 86400\n')
  })
})

describe('policy generate makes none', () => {
  test('when the MX records cannot be found out, and ends with 3', async () => {
    await using it = await generateLab((world) => ({
      ...world,
      dnsFaults: [dnsFault('a.example', 'timeout', { type: 'MX' })],
    }))
    const { status, out, err } = await it.generate({}, { limits: SILENT_DNS })
    expect([status, out]).toEqual([3, ''])
    expect(err).toMatch(
      /^stswatch policy generate: the MX hosts of a\.example could not be found out \(.*\n$/,
    )
  })

  test('when the address of a domain without MX record cannot be found out', async () => {
    await using it = await generateLab((world) => ({
      ...editDomain(world, 'a.example', { mx: [], hosts: [] }),
      dnsFaults: [
        dnsFault('a.example', 'servfail', { type: 'A' }),
        dnsFault('a.example', 'servfail', { type: 'AAAA' }),
      ],
    }))
    expect((await it.generate()).status).toBe(3)
  })

  test.each<[string, (world: LabWorld) => LabWorld, RegExp]>([
    [
      'for the null MX',
      (world) => editDomain(world, 'a.example', { mx: [{ preference: 0, exchange: '.' }] }),
      /takes no mail \(null MX\)/,
    ],
    [
      'without MX and address',
      (world) => editDomain(world, 'a.example', { mx: [], hosts: [] }),
      /no MX host/,
    ],
    [
      'for a host that no policy can name',
      (world) => editDomain(world, 'a.example', { mx: [{ preference: 10, exchange: 'mx_1.a.example' }] }),
      /mx_1\.a\.example, for it holds an underscore/,
    ],
  ])('%s, and ends with 1', async (_, change, complaint) => {
    await using it = await generateLab(change)
    const { status, out, err } = await it.generate()
    expect([status, out]).toEqual([1, ''])
    expect(err).toMatch(complaint)
  })

  test.each<[Partial<GenerateOptions>, string, RegExp]>([
    [{}, 'no name', /"no name" is no domain name/],
    [{ mode: 'Enforce' }, 'a.example', /--mode Enforce: write enforce, testing or none/],
    [{ maxAge: '31557601' }, 'a.example', /--max-age 31557601: write seconds, 0 to 31557600/],
    [{ maxAge: '1e3' }, 'a.example', /--max-age 1e3/],
    [{ maxAge: '' }, 'a.example', /--max-age : write/],
    [{ rua: ['nobody'] }, 'a.example', /--rua: /],
    [{ rua: ['ftp://a.example/'] }, 'a.example', /--rua: /],
    [{ resolver: ['dns.example'] }, 'a.example', /--resolver/],
  ])('for %j of %s, and ends with 2', async (options, domain, complaint) => {
    await using it = await generateLab()
    const { status, out, err } = await it.generate(options, {}, domain)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
    expect(err).toMatch(/^stswatch policy generate: [^\n]+\n$/)
  })

  test('takes the greatest max_age', async () => {
    await using it = await generateLab()
    expect((await it.generate({ maxAge: '31557600' })).status).toBe(0)
  })
})

describe('policy generate --out', () => {
  test('writes the file as it is to be served and the records, once', async () => {
    await using it = await generateLab()
    const out = join(it.directory, 'deep', 'public')
    const first = await it.generate({ out })
    expect(first.status).toBe(0)
    expect(first.out).toContain(`Written: ${join(out, 'mta-sts.txt')}, ${join(out, 'a.example.zone')}`)
    const policy = await readFile(join(out, 'mta-sts.txt'), 'utf8')
    expect(policy).toBe('version: STSv1\r\nmode: testing\r\nmx: mx1.a.example\r\nmax_age: 604800\r\n')
    expect(await readFile(join(out, 'a.example.zone'), 'utf8')).toBe(
      `_mta-sts.a.example. IN TXT "v=STSv1; id=${policyIdOf(policy)};"\n`,
    )
    expect((await it.generate({ out })).status).toBe(0)
    expect((await readdir(out)).toSorted()).toEqual(['a.example.zone', 'mta-sts.txt'])
  })

  test('overwrites nothing, and writes nothing when it would have to', async () => {
    await using it = await generateLab()
    await mkdir(join(it.directory, 'public'))
    await writeFile(join(it.directory, 'public', 'a.example.zone'), 'mine\n')
    const { status, out, err } = await it.generate({ out: join(it.directory, 'public') })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/a\.example\.zone exists already with another text and is not overwritten/)
    expect(await readdir(join(it.directory, 'public'))).toEqual(['a.example.zone'])
  })

  test('says which place cannot be written', async () => {
    await using it = await generateLab()
    await writeFile(join(it.directory, 'file'), '')
    const { status, err } = await it.generate({ out: join(it.directory, 'file') })
    expect(status).toBe(78)
    expect(err).toMatch(/file cannot be written \(EEXIST\)/)
  })
})
