import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  dnsFault,
  editDomain,
  editHost,
  healthyDomain,
  policyText,
  redirectTo,
} from '../../../src/lab/build-world.ts'
import { POISON } from '../lib/poison.ts'
import { checkLab, SILENT_DNS, SILENT_HOSTS } from './check-lab.ts'

const HEALTHY = [healthyDomain('a.example'), healthyDomain('b.example')]
/** DNS carries bytes: what of the poison is one each. */
const POISON_BYTES = [...POISON]
  .filter((character) => character.codePointAt(0) !== undefined && character <= 'ÿ')
  .join('')
/** All that a terminal obeys or hides, but the line break. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('check', () => {
  test('of a healthy domain tells what it saw and ends with 0', async () => {
    await using it = await checkLab(HEALTHY)
    const { status, out, err } = await it.check(['a.example'])
    expect([status, err]).toEqual([0, ''])
    for (const seen of [
      'a.example  looked at',
      '✓ _mta-sts record',
      '✓ _smtp._tls record',
      'mode enforce',
      '10 mx1.a.example',
      'STARTTLS TLSv1.3',
      'All is well.',
    ]) {
      expect(out).toContain(seen)
    }
  })

  test('of a broken one tells each finding with its remedy, worst first, and ends with 1', async () => {
    await using it = await checkLab(HEALTHY)
    it.lab.change((world) =>
      editHost(editDomain(world, 'a.example', { tlsrptRecord: [] }), 'mta-sts.a.example', {
        https: redirectTo('https://www.a.example/'),
      }),
    )
    const { status, out } = await it.check(['a.example'])
    expect(status).toBe(1)
    expect(out).toContain(
      '✗ critical: The MTA-STS policy cannot be fetched: it redirects, which senders do not follow',
    )
    expect(out).toMatch(
      /Do: Serve the file at exactly https:\/\/mta-sts\.a\.example\/\.well-known\/mta-sts\.txt/,
    )
    expect(out).toContain('mta-sts.policy.unfetchable, RFC 8461 §3.3')
    expect(out).toMatch(/_smtp\._tls\.a\.example\.? .*TXT "v=TLSRPTv1; rua=mailto:/)
    expect(out.indexOf('critical:')).toBeLessThan(out.indexOf('tlsrpt.record.missing'))
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^1 critical, /)
  })

  test('with no network blames no domain and ends with 3', async () => {
    await using it = await checkLab(HEALTHY)
    it.lab.change((world) => ({ ...world, dnsFaults: [dnsFault('*', 'timeout')] }))
    const { status, out } = await it.check(['a.example', 'b.example'], { limits: SILENT_DNS })
    expect(status).toBe(3)
    expect(out).toContain('? We could not find out')
    expect(out.match(/Nothing wrong was seen, but not everything could be looked at\./g)).toHaveLength(2)
    expect(out).not.toMatch(/critical|warning:|info:/)
  })

  test('behind a firewall that closes port 25 blames no mail host', async () => {
    await using it = await checkLab(HEALTHY)
    const { status, out } = await it.check(['a.example'], {
      limits: SILENT_HOSTS,
      route: (lab) => (to, at) => (at === 25 ? 'timeout' : lab(to, at)),
    })
    expect(status).toBe(3)
    expect(out).not.toMatch(/critical|warning:|info:/)
  })

  test('of several gives them in the order of the names, and the worst status', async () => {
    await using it = await checkLab(HEALTHY)
    it.lab.change((world) =>
      editDomain(world, 'b.example', { mx: [{ preference: 10, exchange: 'nowhere.b.example' }] }),
    )
    const { status, out } = await it.check(['b.example', 'a.example', 'b.example'])
    expect(status).toBe(1)
    expect(out.match(/^\S+\.example {2}looked at/gm)).toEqual([
      'b.example  looked at',
      'a.example  looked at',
    ])
  })

  test('as JSON is one object a domain: verdict, findings, and everything it saw', async () => {
    await using it = await checkLab(HEALTHY)
    it.lab.change((world) => editDomain(world, 'b.example', { tlsrptRecord: [] }))
    const { out } = await it.check(['a.example', 'b.example'], { request: { json: true } })
    const [a, b] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(Object.keys(a)).toEqual([
      'domain',
      'status',
      'tookMs',
      'findings',
      'undecided',
      'changes',
      'rollovers',
      'snapshot',
    ])
    expect(a).toMatchObject({
      domain: 'a.example',
      status: 0,
      findings: [],
      snapshot: { domain: 'a.example' },
    })
    expect(b.findings).toMatchObject([{ code: 'tlsrpt.record.missing', domain: 'b.example', subject: null }])
  })
})

describe('the names to check', () => {
  const LIST = '# ours\r\na.example\r\n\r\nb.example # the second\nA.EXAMPLE.\n'

  test('come from standard input, one a line, with comments, each once', async () => {
    await using it = await checkLab(HEALTHY)
    const { status, out } = await it.check([], {
      io: { input: LIST },
      request: { fromFile: '-', json: true },
    })
    expect(status).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).domain),
    ).toEqual(['a.example', 'b.example'])
  })

  test('come from a file, beside those of the command line', async () => {
    await using it = await checkLab(HEALTHY)
    const file = join(it.directory, 'domains.txt')
    await writeFile(file, 'a.example\n')
    const { out } = await it.check(['b.example'], { request: { fromFile: file, json: true } })
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).domain),
    ).toEqual(['b.example', 'a.example'])
  })
})

describe('check refuses with status 2', () => {
  test.each<[string, readonly string[], object, RegExp]>([
    ['no domain', [], {}, /no domain given; try: stswatch check example\.org/],
    ['an empty list', [], { fromFile: '-' }, /no domain given/],
    [
      'what is no name',
      ['http://a.example/'],
      {},
      /"http:\/\/a\.example\/" is no domain name; write it like example\.org/,
    ],
    [
      'a name that would act on the terminal',
      ['\u001b[2Ja.example'],
      {},
      /"\\u\{1b\}\[2Ja\.example" is no domain name/,
    ],
    ['a file that is not there', [], { fromFile: '/nowhere/list' }, /\/nowhere\/list: ENOENT/],
    [
      'a resolver by name',
      ['a.example'],
      { resolvers: ['dns.example:53'] },
      /--resolver dns\.example:53: write an address and a port, like 127\.0\.0\.1:53 or \[::1\]:53/,
    ],
    [
      'a resolver with a wrong port',
      ['a.example'],
      { resolvers: ['127.0.0.1:99999'] },
      /--resolver 127\.0\.0\.1:99999: write/,
    ],
  ])('%s', async (_, names, request, complaint) => {
    await using it = await checkLab(HEALTHY)
    const { status, out, err } = await it.check(names, { request })
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
    expect(err).toMatch(/^stswatch check: [^\n]+\n$/)
  })
})

test('--resolver takes the place of the configured ones', async () => {
  await using it = await checkLab(HEALTHY)
  it.lab.change((world) => ({ ...world, dnsFaults: [] }))
  const own = `${it.lab.dns.host}:${it.lab.dns.port}`
  const away = await it.check(['a.example'], { request: { resolvers: ['127.0.0.1:1'] } })
  expect(away.status).toBe(3)
  expect((await it.check(['a.example'], { request: { resolvers: [own] } })).status).toBe(0)
})

describe('what far sides say', () => {
  /** Greets with the poison, and goes on as a mail server without STARTTLS would. */
  async function poisonousMailServer(): Promise<Server> {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(`220 ${POISON_BYTES.replace(/[\r\n]/g, '')}\r\n`, 'latin1')
      socket.on('data', (line) =>
        socket.write(
          line.toString().startsWith('QUIT')
            ? '221 bye\r\n'
            : `250 ${POISON_BYTES.replace(/[\r\n]/g, '')}\r\n`,
          'latin1',
        ),
      )
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  test.each([
    ['a person', { json: false, terminal: false }],
    ['a person at a terminal', { json: false, terminal: true }],
    ['a program', { json: true, terminal: false }],
  ])('reaches %s without its sting', async (_, { json, terminal }) => {
    await using it = await checkLab(HEALTHY)
    const server = await poisonousMailServer()
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    it.lab.change((world) =>
      editHost(
        editDomain(world, 'a.example', (domain) => ({
          ...domain,
          stsRecord: [`v=STSv1; id=1; ${POISON_BYTES}`],
          tlsrptRecord: [`v=TLSRPTv1; rua=mailto:${POISON_BYTES}`],
          policy: domain.policy && {
            ...domain.policy,
            body: `${policyText({ mx: ['mx1.a.example'] })}${POISON}: ${POISON}\r\n`,
          },
        })),
        'mta-sts.a.example',
        { https: json ? redirectTo('https://e.test/\u001b[2J\u009b31m\u0085') : 'ok' },
      ),
    )
    const { status, out, err } = await it.check(['a.example'], {
      io: { terminal },
      request: { json },
      route: (lab) => (to, at) => (at === 25 ? { host: '127.0.0.1', port } : lab(to, at)),
    })
    server.close()
    expect(status).toBe(1)
    // Our own colours and our own progress line are meant.
    const unpainted = `${out}${err}`.replace(/\u001b\[\d*(?:;\d+)*m|\r?\u001b\[K|\r/g, '')
    expect(unpainted).toContain('mta-sts.record.')
    expect(unpainted).not.toMatch(UNSAFE)
    expect(out).toContain(json ? '\\u001b[2J' : '\\u{1b}[2J')
  })

  test('is never printed with colours where no terminal reads', async () => {
    await using it = await checkLab(HEALTHY)
    expect((await it.check(['a.example'])).out).not.toContain('\u001b')
    expect((await it.check(['a.example'], { io: { terminal: true } })).out).toContain('\u001b[1m')
  })
})
