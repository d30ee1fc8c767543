import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { readEnv, type Variables } from '../../../src/config/env.ts'
import { rsaPem } from '../mail/dkim-keys.ts'

const directory = mkdtempSync(join(tmpdir(), 'stswatch-dkim-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, contents: string, mode = 0o600): string {
  const path = join(directory, name)
  writeFileSync(path, contents, { mode })
  return path
}

const PEM = rsaPem(2048)
const GOOD = file('good.pem', PEM)
const ROOT = {
  MAIL_FROM: 'alerts@example.net',
  DKIM_DOMAIN: 'example.net',
  DKIM_SELECTOR: 'mail1',
  DKIM_KEY_FILE: GOOD,
}

function pem(type: 'pkcs8' | 'spki' | 'encrypted' | 'ec'): string {
  if (type === 'ec') {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (type === 'spki') return publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const cipher = type === 'encrypted' ? { cipher: 'aes-256-cbc', passphrase: 'canary' } : {}
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString()
}

test('both keys are read and print themselves nowhere', () => {
  const env = readEnv({ ...ROOT, DKIM_REPORT_SELECTOR: 'tlsrpt1', DKIM_REPORT_KEY_FILE: GOOD })
  if (!env.ok) throw new Error(env.error.join())
  expect(env.value.dkim).toMatchObject({
    domain: 'example.net',
    mail: { selector: 'mail1', keyFile: GOOD },
    report: { selector: 'tlsrpt1', keyFile: GOOD },
  })
  expect(env.value.dkim?.mail?.privateKey.reveal()).toBe(PEM.trimEnd())
  expect(inspect(env, { depth: 9 }) + JSON.stringify(env)).not.toContain('PRIVATE KEY')
})

test('one key will do', () => {
  const { MAIL_FROM, DKIM_DOMAIN } = ROOT
  const env = readEnv({ MAIL_FROM, DKIM_DOMAIN, DKIM_REPORT_SELECTOR: 'r', DKIM_REPORT_KEY_FILE: GOOD })
  expect(env.ok && env.value.dkim).toMatchObject({ mail: null, report: { selector: 'r' } })
})

test.each<[string, string]>([
  ['alerts@example.net', 'example.net'],
  ['alerts@monitor.example.net', 'example.net'],
  ['alerts@monitor.example.net', 'Monitor.Example.NET.'],
  ['alerts@bücher.example', 'xn--bcher-kva.example'],
])('%s may be signed by %s', (MAIL_FROM, DKIM_DOMAIN) => {
  expect(readEnv({ ...ROOT, MAIL_FROM, DKIM_DOMAIN })).toMatchObject({ ok: true })
})

test.each<[string, Variables, string]>([
  [
    'another domain',
    { DKIM_DOMAIN: 'example.com' },
    'DKIM_DOMAIN must be the domain of MAIL_FROM (example.net) or a parent',
  ],
  ['a child', { DKIM_DOMAIN: 'a.example.net' }, 'DKIM_DOMAIN must be the domain of MAIL_FROM'],
  ['the end of another', { DKIM_DOMAIN: 'ple.net' }, 'DKIM_DOMAIN must be the domain of MAIL_FROM'],
  ['a top-level domain', { DKIM_DOMAIN: 'net' }, 'DKIM_DOMAIN must be a domain name such as'],
  ['no domain', { DKIM_DOMAIN: 'x y' }, 'DKIM_DOMAIN must be a domain name such as'],
  ['none', { DKIM_DOMAIN: '' }, 'DKIM_DOMAIN is not set'],
  ['no key', { DKIM_SELECTOR: '', DKIM_KEY_FILE: '' }, 'DKIM_DOMAIN is set without a key'],
  ['no selector', { DKIM_SELECTOR: '' }, 'DKIM_SELECTOR is not set, but DKIM_KEY_FILE is'],
  ['no file', { DKIM_KEY_FILE: '' }, 'DKIM_KEY_FILE is not set, but DKIM_SELECTOR is'],
  ['a bad selector', { DKIM_SELECTOR: 'a b' }, 'DKIM_SELECTOR must be a selector such as'],
  ['a selector with a tag', { DKIM_SELECTOR: 'a;d=evil' }, 'DKIM_SELECTOR must be a selector such as'],
  [
    'the same selector twice',
    { DKIM_REPORT_SELECTOR: 'mail1', DKIM_REPORT_KEY_FILE: GOOD },
    'DKIM_REPORT_SELECTOR must differ from DKIM_SELECTOR',
  ],
  ['a missing file', { DKIM_KEY_FILE: '/nowhere' }, 'DKIM_KEY_FILE: /nowhere does not exist'],
  [
    'a file for all',
    { DKIM_KEY_FILE: file('all', PEM, 0o644) },
    `DKIM_KEY_FILE: ${directory}/all is open to other users`,
  ],
  [
    'a file for the group',
    { DKIM_KEY_FILE: file('group', PEM, 0o640) },
    `DKIM_KEY_FILE: ${directory}/group is open to`,
  ],
  ['a directory', { DKIM_KEY_FILE: directory }, `DKIM_KEY_FILE: ${directory} is not a regular file`],
  ['a link', { DKIM_KEY_FILE: link() }, `DKIM_KEY_FILE: ${directory}/link is a symbolic link`],
  [
    'no key inside',
    { DKIM_KEY_FILE: file('no', 'canary') },
    `DKIM_KEY_FILE: ${directory}/no is no private key in PEM`,
  ],
  [
    'a public key',
    { DKIM_KEY_FILE: file('pub', pem('spki')) },
    `DKIM_KEY_FILE: ${directory}/pub is a public key`,
  ],
  [
    'a passphrase',
    { DKIM_KEY_FILE: file('enc', pem('encrypted')) },
    `DKIM_KEY_FILE: ${directory}/enc is encrypted`,
  ],
  ['an EC key', { DKIM_KEY_FILE: file('ec', pem('ec')) }, `DKIM_KEY_FILE: ${directory}/ec is no RSA key`],
  ['512 bits', { DKIM_KEY_FILE: file('512', rsaPem(512)) }, `DKIM_KEY_FILE: ${directory}/512 has 512 bits`],
  [
    '2040 bits',
    { DKIM_KEY_FILE: file('2040', rsaPem(2040)) },
    `DKIM_KEY_FILE: ${directory}/2040 has 2040 bits; at least 2048`,
  ],
])('%s is refused in one sentence', (_, edit, beginning) => {
  const env = readEnv({ ...ROOT, ...edit })
  const problems = env.ok ? [] : env.error
  expect(problems.map((problem) => problem.slice(0, beginning.length))).toEqual([beginning])
  expect(problems.join()).not.toMatch(/canary|BEGIN|MII/)
})

function link(): string {
  const path = join(directory, 'link')
  symlinkSync(GOOD, path)
  return path
}
