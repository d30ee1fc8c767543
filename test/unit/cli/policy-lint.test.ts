import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { policyLintCommand } from '../../../src/cli/policy-lint.ts'
import {
  dnsFault,
  editHost,
  healthyDomain,
  mailHost,
  policy,
  policyText,
  redirectTo,
} from '../../../src/lab/build-world.ts'
import type { LabDomain } from '../../../src/lab/world.ts'
import { policyIdOf } from '../../../src/protocol/mta-sts/generate-policy.ts'
import { POISON } from '../lib/poison.ts'
import { capturedIo } from './captured-io.ts'
import { checkLab, SILENT_DNS } from './check-lab.ts'

const GOOD = policyText({ mx: ['mx1.a.example'] })
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

async function lint(text: string | Uint8Array, options: { readonly json?: boolean } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-lint-'))
  const file = join(directory, 'mta-sts.txt')
  await writeFile(file, text)
  const { io, said } = capturedIo()
  const request = {
    configFile: '/nowhere/watch.yaml',
    subject: file,
    json: options.json === true,
    resolvers: [],
  }
  const status = await policyLintCommand(request, io)
  await rm(directory, { recursive: true })
  return { status, out: said.out.replaceAll(file, 'mta-sts.txt'), err: said.err }
}

describe('policy lint of a file', () => {
  test('that all read says so, and ends with 0', async () => {
    const { status, out, err } = await lint(GOOD)
    expect([status, err]).toEqual([0, ''])
    expect(out).toContain('mta-sts.txt: valid by RFC 8461: mode enforce, max_age 604800, mx mx1.a.example')
    expect(out).toContain('all 8 senders read it')
    expect(out).not.toContain('_mta-sts')
  })

  test('with a blank last line names those who refuse it, and prints the text that all read', async () => {
    const { status, out } = await lint(`${GOOD}\r\n`)
    expect(status).toBe(1)
    for (const line of [
      'mta-sts.txt: invalid by RFC 8461 (1 error)',
      '  ✗ line 5  ""',
      '    blank-line, RFC 8461 §3.2',
      '  How known programs read it: refused by 3 of 8 senders',
      '    mox                          refuses it',
      '    Postfix with postfix-tlspol  refuses it',
      '    • a blank line (line 5): refused by Postfix with postfix-tlspol, mox and maddy (go-mtasts)',
      '    version: STSv1',
      '    mode: enforce',
      '    mx: mx1.a.example',
      '    max_age: 604800',
    ])
      expect(out.split('\n')).toContain(line)
    expect(out).toContain('read it all the same')
    expect(out).toMatch(/^ {4}_mta-sts\.<domain>\. IN TXT "v=STSv1; id=[0-9a-f]{20};"$/m)
    // Neither refusing nor misreading: not spelled out.
    expect(out).not.toMatch(/^ {4}chasquid {2}/m)
  })

  test('that is valid, yet misread, is a finding', async () => {
    const { status, out } = await lint(`${GOOD}mode: testing\r\n`)
    expect(status).toBe(1)
    expect(out).toContain('valid by RFC 8461 (1 warning)')
    expect(out).toMatch(/^ {4}chasquid +takes the last one$/m)
    expect(out).toContain('mox read it as it is meant')
  })

  test('that only a checking tool refuses is none', async () => {
    const { status, out } = await lint(`${GOOD}x-ours: 1\r\n`)
    expect(status).toBe(0)
    expect(out).toContain('all 8 senders read it')
    expect(out).toMatch(/^ {4}checkdmarc \(a checking tool\) +refuses it$/m)
    expect(out).not.toContain('Once it is served')
  })

  test('in mode none without mx keeps the old lines', async () => {
    const { status, out } = await lint('version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n')
    expect(status).toBe(1)
    expect(out).toContain('Keep the old mx lines')
  })

  test('that tells no mail host asks for a policy made anew', async () => {
    const { status, out } = await lint('hello\r\n')
    expect(status).toBe(1)
    expect(out).toContain('    stswatch policy generate example.org\n')
  })

  test.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /the whole\n {4}The policy is empty/],
    ['binary', Uint8Array.from({ length: 1_024 }, (_, index) => index % 256), /not-utf8/],
    ['UTF-16', Buffer.from(GOOD, 'utf16le'), /save the file as UTF-8, not as UTF-16/],
    ['a web page', '<!doctype html><title>mta-sts</title>', /a web page instead of a policy/],
    ['1 MB', `${GOOD}${'x: y\r\n'.repeat(170_000)}`, /more than 64 KiB/],
    ['poison', `${GOOD}${POISON}: ${POISON}\r\n`, /by RFC 8461/],
  ])('that is %s comes out whole and safe', async (_, text, told) => {
    for (const json of [false, true]) {
      const { status, out, err } = await lint(text, { json })
      expect([status, err]).toEqual([1, ''])
      expect(out).not.toMatch(UNSAFE)
      if (!json) expect(out).toMatch(told)
    }
  })

  test('as JSON: verdict, problems, readers, and the mended text', async () => {
    const { out } = await lint(`${GOOD}\r\n`, { json: true })
    const told = JSON.parse(out)
    expect(told).toMatchObject({
      valid: false,
      clean: false,
      value: null,
      problems: [{ code: 'blank-line', severity: 'error', line: 5, text: '', rfc: 'RFC 8461 §3.2' }],
      refusedBy: ['Postfix with postfix-tlspol', 'mox', 'maddy (go-mtasts)'],
      readOtherwiseBy: [],
      mended: { body: GOOD, remarks: [] },
    })
    expect(told.readers).toHaveLength(9)
  })

  test.each<[string, string, number, RegExp]>([
    ['is not there', '/nowhere/mta-sts.txt', 66, /there is no file "\/nowhere\/mta-sts\.txt"/],
    [
      'is not there, by a name that looks like a domain',
      'nowhere.txt',
      66,
      /there is no file "nowhere\.txt"/,
    ],
    ['is neither file nor domain', 'no name', 66, /there is no file "no name"; a domain is written/],
    ['is a directory', tmpdir(), 66, /it is a directory/],
  ])('that %s ends with %s', async (_, subject, status, complaint) => {
    const { io, said } = capturedIo()
    const request = { configFile: '/nowhere', subject, json: false, resolvers: [] }
    expect([await policyLintCommand(request, io), said.out]).toEqual([status, ''])
    expect(said.err).toMatch(complaint)
    expect(said.err).toMatch(/^[^\n]+\n$/)
  })

  test.each([
    [2 * 1_024 * 1_024, 1],
    [2 * 1_024 * 1_024 + 1, 65],
  ])('of %i bytes ends with %i', async (bytes, status) => {
    const { io } = capturedIo({ input: 'x'.repeat(bytes) })
    expect(await policyLintCommand({ configFile: '', subject: '-', json: true, resolvers: [] }, io)).toBe(
      status,
    )
  })
})

describe('policy lint of a domain', () => {
  async function lintDomain(
    overrides: Partial<LabDomain>,
    { json = false, more = (_it: Awaited<ReturnType<typeof checkLab>>): void => {} } = {},
  ) {
    await using it = await checkLab([healthyDomain('a.example', overrides)])
    more(it)
    return await it.run(
      (configFile, io, world) =>
        policyLintCommand({ configFile, subject: 'a.example', json, resolvers: [] }, io, world),
      { limits: SILENT_DNS },
    )
  }

  test('in good order says so, and ends with 0', async () => {
    const { status, out, err } = await lintDomain({})
    expect([status, err]).toEqual([0, ''])
    expect(out).toContain('Record at _mta-sts.a.example: valid by RFC 8461: id 20260101T000000Z')
    expect(out).toContain('Policy at mta-sts.a.example: valid by RFC 8461: mode enforce')
    expect(out).toMatch(/Nothing to mend\.\n$/)
  })

  test('lints the record, and keeps its id', async () => {
    const { status, out } = await lintDomain({ stsRecord: ['v=STSv1; id=one; id=two;'] })
    expect(status).toBe(1)
    expect(out).toContain('the id twice (line 1): refused by mox')
    expect(out).toContain('    _mta-sts.a.example. IN TXT "v=STSv1; id=one;"')
  })

  test('lints the policy as it is served, with the record to publish', async () => {
    const { status, out } = await lintDomain({
      policy: { ...policy('a.example', {}), body: GOOD.replace('mx: ', 'mx : ') },
    })
    expect(status).toBe(1)
    expect(out).toContain('  ✗ line 3  "mx : mx1.a.example"')
    expect(out).toMatch(/^ {4}_mta-sts\.a\.example\. IN TXT "v=STSv1; id=[0-9a-f]{20};"$/m)
    expect(out).not.toContain('Nothing to mend')
  })

  test('gives a record without id the id of the text that is served', async () => {
    const { out } = await lintDomain({ stsRecord: ['v=STSv1; id=2026-01-01;'] })
    expect(out).toContain(`    _mta-sts.a.example. IN TXT "v=STSv1; id=${policyIdOf(GOOD)};"`)
  })

  test('puts the MX hosts in where the policy names none', async () => {
    const { out } = await lintDomain({
      policy: { ...policy('a.example', {}), body: GOOD.replace(/mx:.*\r\n/, '') },
    })
    expect(out).toContain('    mx: mx1.a.example\n')
    expect(out).toContain('Mind: The mx lines are those of the MX records.')
  })

  test('names a host by itself that a wildcard covers for some senders only', async () => {
    const { status, out } = await lintDomain({
      mx: [{ preference: 10, exchange: 'xn--mx-eka.a.example' }],
      hosts: [mailHost('xn--mx-eka.a.example')],
      policy: policy('a.example', { mx: ['*.a.example'] }),
    })
    expect(status).toBe(1)
    expect(out).toMatch(/the MX host xn--mx-eka\.a\.example is not covered for\s+maddy \(go-mtasts\):/)
    expect(out).toContain('    mx: *.a.example\n    mx: xn--mx-eka.a.example\n')
  })

  test('tells of MX hosts that no line covers', async () => {
    const { status, out } = await lintDomain({ policy: policy('a.example', { mx: ['other.a.example'] }) })
    expect(status).toBe(1)
    expect(out).toContain('mta-sts.policy.mx-uncovered, RFC 8461 §4.1')
  })

  test('tells of a policy that cannot be fetched, but not of the mail hosts', async () => {
    const { status, out } = await lintDomain(
      { tlsrptRecord: [] },
      {
        more: ({ lab }) =>
          lab.change((world) =>
            editHost(
              editHost(world, 'mta-sts.a.example', { https: redirectTo('https://a.example/') }),
              'mx1.a.example',
              {
                smtp: 'no-starttls',
              },
            ),
          ),
      },
    )
    expect(status).toBe(1)
    expect(out).toContain('mta-sts.policy.unfetchable')
    expect(out).not.toMatch(/mx\.starttls|tlsrpt\./)
  })

  test('without MTA-STS says that there is no record', async () => {
    const { status, out } = await lintDomain({ stsRecord: [], policy: null })
    expect(status).toBe(1)
    expect(out).toContain('mta-sts.record.missing')
  })

  test('that could not be found out ends with 3', async () => {
    const { status, out } = await lintDomain(
      {},
      { more: ({ lab }) => lab.change((world) => ({ ...world, dnsFaults: [dnsFault('*', 'timeout')] })) },
    )
    expect(status).toBe(3)
    expect(out).toContain('? We could not find out everything:')
    expect(out).not.toMatch(/valid by/)
  })

  test('as JSON holds both texts', async () => {
    const { out } = await lintDomain({ stsRecord: ['v=STSv1; id=one; id=two;'] }, { json: true })
    expect(JSON.parse(out)).toMatchObject({
      domain: 'a.example',
      status: 1,
      record: { valid: true, clean: false, value: { id: 'one' } },
      policies: [{ valid: true, clean: true }],
      findings: [],
      undecided: [],
    })
  })

  test('refuses a resolver that is none with 2', async () => {
    await using it = await checkLab([healthyDomain('a.example')])
    const { status, err } = await it.run((configFile, io, world) =>
      policyLintCommand({ configFile, subject: 'a.example', json: false, resolvers: ['x'] }, io, world),
    )
    expect(status).toBe(2)
    expect(err).toMatch(/^stswatch policy lint: --resolver x: [^\n]+\n$/)
  })
})
