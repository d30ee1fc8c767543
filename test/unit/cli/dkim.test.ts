import { createPublicKey } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REAL_WORLD } from '../../../src/app/open-probe.ts'
import { dkimCheckCommand } from '../../../src/cli/dkim-check.ts'
import { dkimKeygenCommand } from '../../../src/cli/dkim-keygen.ts'
import { readEnv, type Variables } from '../../../src/config/env.ts'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { DnsFault, LabRecordData } from '../../../src/lab/world.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { readRsaPrivateKey } from '../../../src/protocol/dkim/rsa-private-key.ts'
import { worldOf } from '../../scenario/stage.ts'
import { dkimKey, rsaPem } from '../mail/dkim-keys.ts'
import { capturedIo } from './captured-io.ts'

const NOVEMBER = manualClock(Date.UTC(2026, 10, 23))
const DOMAIN = 'example.net'

let directory: string
let lab: Lab
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stswatch-dkim-'))
  lab = await startLab(worldOf([healthyDomain(DOMAIN, {})]))
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

async function keygen(dir: string, env: Variables = {}, domain: string | null = DOMAIN) {
  const { io, said } = capturedIo({ env })
  const status = await dkimKeygenCommand({ domain, directory: join(directory, dir) }, io, NOVEMBER)
  return { status, ...said }
}

/** The lines that are to go into .env. */
function variablesIn(out: string): Record<string, string> {
  return Object.fromEntries(
    [...out.matchAll(/^ {4}(DKIM_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}

describe('keygen', () => {
  test('makes two keys for this user alone, and what it prints is a configuration that works', async () => {
    const { status, out, err } = await keygen('new/keys')
    expect([status, err]).toEqual([0, ''])
    const files = await readdir(join(directory, 'new/keys'))
    expect(files.sort()).toEqual(['dkim-mail202611.pem', 'dkim-tlsrpt202611.pem'])
    for (const file of files) {
      const path = join(directory, 'new/keys', file)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      const facts = readRsaPrivateKey(await readFile(path, 'utf8'))
      expect(facts.ok && facts.value.bits).toBe(2048)
    }
    const env = readEnv({ ...variablesIn(out), MAIL_FROM: 'alerts@example.net' })
    expect(env.ok ? env.value.dkim : env.error).toMatchObject({
      domain: DOMAIN,
      mail: { selector: 'mail202611' },
      report: { selector: 'tlsrpt202611' },
    })
    expect(out).not.toContain('PRIVATE')
  })

  test('prints each record as zone files and as forms want it, its strings short enough', async () => {
    const { out } = await keygen('lines')
    const zone = [...out.matchAll(/^ {4}(\S+)\. IN TXT \( (.*) \)$/gm)]
    const values = [...out.matchAll(/^ {4}value {2}(.*)$/gm)].map(([, value]) => value)
    expect(zone.map(([, name]) => name)).toEqual([
      'mail202611._domainkey.example.net',
      'tlsrpt202611._domainkey.example.net',
    ])
    const strings = zone.map(([, , texts = '']) =>
      [...texts.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text),
    )
    expect(strings.map((parts) => parts.join(''))).toEqual(values)
    expect(Math.max(...strings.flat().map(({ length }) => length))).toBe(255)
    expect(values).toEqual([
      expect.stringMatching(/^v=DKIM1; k=rsa; p=MII/),
      expect.stringMatching(/^v=DKIM1; k=rsa; s=tlsrpt; p=MII/),
    ])
  })

  test('never writes over a key', async () => {
    await keygen('twice')
    const file = join(directory, 'twice', 'dkim-mail202611.pem')
    const before = await readFile(file, 'utf8')
    const { status, out, err } = await keygen('twice')
    expect([status, out]).toEqual([78, ''])
    expect(err).toContain(`${file} exists already and is not overwritten`)
    expect(await readFile(file, 'utf8')).toBe(before)
  })

  test('takes the domain of MAIL_FROM', async () => {
    const { out } = await keygen('from', { MAIL_FROM: 'alerts@mail.example.org' }, null)
    expect(variablesIn(out).DKIM_DOMAIN).toBe('mail.example.org')
  })

  test.each<[string | null, string]>([
    [null, 'which domain? Set MAIL_FROM'],
    ['no domain', '"no domain" is no domain name'],
  ])('%s is no domain', async (domain, complaint) => {
    const { status, err } = await keygen('none', {}, domain)
    expect([status, err]).toEqual([2, expect.stringContaining(complaint)])
  })

  test('says where it cannot write', async () => {
    await writeFile(join(directory, 'file'), '')
    const { status, err } = await keygen('file/keys')
    expect([status, err]).toEqual([
      78,
      expect.stringMatching(/dkim-mail202611\.pem cannot be written \(ENOTDIR\)/),
    ])
  })
})

interface Published {
  readonly mail: readonly LabRecordData[]
  readonly report: readonly LabRecordData[]
  readonly fault: DnsFault | null
}

describe('check', () => {
  let env: Record<string, string>
  let records: readonly string[]
  beforeAll(async () => {
    const { out } = await keygen('checked')
    env = { ...variablesIn(out), MAIL_FROM: 'alerts@example.net' }
    records = [...out.matchAll(/^ {4}value {2}(.*)$/gm)].map(([, value = '']) => value)
  })

  const txt = (text: string): LabRecordData => ({ type: 'TXT', text })
  const mail = () => records[0] ?? ''
  const report = () => records[1] ?? ''

  async function check(published: Partial<Published>, json = false, variables: Variables = env) {
    const { mail: one = [txt(mail())], report: two = [txt(report())], fault = null } = published
    lab.change((world) => ({
      ...world,
      records: [
        ...one.map((data) => ({ name: `mail202611._domainkey.${DOMAIN}`, ttlSeconds: 60, ...data })),
        ...two.map((data) => ({ name: `tlsrpt202611._domainkey.${DOMAIN}`, ttlSeconds: 60, ...data })),
        { name: `elsewhere.${DOMAIN}`, ttlSeconds: 60, ...txt(mail()) },
      ],
      dnsFaults: fault === null ? [] : [{ at: '*', type: 'any', resolver: 'all', fault }],
    }))
    const { io, said } = capturedIo({ env: variables })
    const resolvers = [`${lab.dns.host}:${lab.dns.port}`]
    const world = {
      ...REAL_WORLD,
      limits: {
        ...REAL_WORLD.limits,
        dns: { ...REAL_WORLD.limits.dns, tryMs: 150, tries: 1, totalMs: 1_000 },
      },
    }
    const request = { configFile: join(directory, 'none.yaml'), resolvers, json }
    const status = await dkimCheckCommand(request, io, world)
    return { status, ...said }
  }

  test('all is well as keygen printed it', async () => {
    const { status, out } = await check({})
    expect(status).toBe(0)
    expect(out).toBe(`mail202611._domainkey.example.net  (our key for ordinary mail)
  ✓ A signature counts for: ordinary mail and TLS reports

tlsrpt202611._domainkey.example.net  (our key for TLS reports)
  ✓ A signature counts for: TLS reports
`)
  })

  const short = () => {
    const key = dkimKey('x', rsaPem(1024)).privateKey.reveal()
    return `v=DKIM1; p=${spkiOf(key)}`
  }
  test.each<[string, () => Partial<Published>, number, RegExp]>([
    [
      'only s=tlsrpt',
      () => ({ mail: [txt(mail().replace('p=', 's=tlsrpt; p='))] }),
      1,
      /✗ A signature counts for: TLS reports\n {2}✗ The record says s=tlsrpt: receivers of ordinary mail must ignore/,
    ],
    [
      'only s=email',
      () => ({ report: [txt(report().replace('s=tlsrpt', 's=email'))] }),
      1,
      /✗ A signature counts for: ordinary mail\n {2}✗ The record says s=email: receivers of TLS reports ignore/,
    ],
    [
      's=*',
      () => ({ report: [txt(report().replace('s=tlsrpt', 's=*'))] }),
      0,
      /✓ A signature counts for: ordinary mail and TLS reports\n {2}i The record does not say s=tlsrpt/,
    ],
    [
      'another key',
      () => ({ mail: [txt(report().replace('s=tlsrpt; ', ''))] }),
      1,
      /✗ A signature counts for: no mail\n {2}✗ The published key is another one/,
    ],
    [
      'a key of 1024 bits',
      () => ({ mail: [txt(short())] }),
      1,
      /! The published key has 1024 bits; 2048 are needed/,
    ],
    ['t=y', () => ({ mail: [txt(mail().replace('p=', 't=y; p='))] }), 1, /✓ .*\n {2}! The record says t=y/],
    [
      'CNAME',
      () => ({ mail: [{ type: 'CNAME', target: `elsewhere.${DOMAIN}` }] }),
      0,
      /✓ .*\n {2}i The name is an alias to elsewhere\.example\.net, which is fine/,
    ],
    ['missing', () => ({ mail: [] }), 1, /✗ There is no TXT record here\.\n\n {2}Publish:\n/],
    ['two TXT', () => ({ mail: [txt(mail()), txt('v=spf1 -all')] }), 1, /✗ There are 2 TXT records here/],
    ['split strings', () => ({ mail: [txt(mail().replace('p=M', 'p= M'))] }), 0, /✓/],
    ['no answer', () => ({ fault: 'servfail' }), 3, /\? We could not find out: .*SERVFAIL/],
  ])('%s', async (_, published, status, said) => {
    const result = await check(published())
    expect(result.out).toMatch(said)
    expect(result.status).toBe(status)
  })

  test('as JSON', async () => {
    const { status, out } = await check({ mail: [] }, true)
    expect(status).toBe(1)
    expect(JSON.parse(out)).toEqual({
      domain: DOMAIN,
      status: 1,
      keys: [
        {
          use: 'mail',
          selector: 'mail202611',
          name: 'mail202611._domainkey.example.net',
          expected: mail(),
          works: [],
          problems: [{ code: 'record-missing', severity: 'error', message: expect.any(String) }],
          undecided: null,
        },
        expect.objectContaining({ use: 'reports', works: ['reports'], problems: [] }),
      ],
    })
  })

  test('without keys it says how to make them', async () => {
    const { status, err } = await check({}, false, {})
    expect([status, err]).toEqual([78, expect.stringContaining('stswatch dkim keygen')])
  })
})

function spkiOf(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
}
