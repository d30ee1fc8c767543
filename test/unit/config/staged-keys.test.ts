import { execFileSync } from 'node:child_process'
import { hash, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatConfigProblems } from '../../../src/config/config-problem.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { readStagedText } from '../../../src/config/staged-key-file.ts'

const NOW = Date.UTC(2026, 10, 26)
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'staged-'))
  const made = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  made('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'key.pem')
  made('pkey', '-in', 'key.pem', '-pubout', '-out', 'key.pub.pem')
  made('req', '-new', '-key', 'key.pem', '-subj', '/CN=mx1.example.com', '-out', 'request.csr')
  made(
    'req',
    '-x509',
    '-key',
    'key.pem',
    '-subj',
    '/CN=mx1.example.com',
    '-days',
    '36500',
    '-out',
    'next.pem',
  )
  made('genrsa', '-out', 'rsa.pem', '2048')
  made('req', '-new', '-key', 'rsa.pem', '-subj', '/CN=mx1.example.com', '-sha384', '-out', 'rsa.csr')
  made('genpkey', '-algorithm', 'ed25519', '-out', 'ed.pem')
  made('req', '-new', '-key', 'ed.pem', '-subj', '/CN=mx1.example.com', '-out', 'ed.csr')
  writeFileSync(join(folder, 'both.pem'), `${read('next.pem')}${'# filler\n'.repeat(300)}${read('key.pem')}`)
  writeFileSync(join(folder, 'der.crt'), new X509Certificate(read('next.pem')).raw)
  writeFileSync(join(folder, 'large.pem'), 'x'.repeat(64 * 1024 + 1))
  writeFileSync(
    join(folder, 'full.pem'),
    `${read('next.pem')}${'x'.repeat(64 * 1024 - read('next.pem').length)}`,
  )
  writeFileSync(join(folder, 'cut.pem'), read('next.pem').replace(/.{64}\n/, ''))
})

afterAll(() => rmSync(folder, { recursive: true }))

function read(name: string): string {
  return execFileSync('cat', [join(folder, name)], { encoding: 'latin1' })
}

function parse(hosts: string, now = NOW) {
  const text = `domains: [example.com]\nhosts:\n  ${hosts}\n`
  return parseWatchConfig(text, join(folder, 'watch.yaml'), { hostname: 'a.b.example', now, lab: false })
}

function staged(entry: string) {
  const parsed = parse(`MX1.Example.com: { ${entry} }`)
  if (!parsed.ok) throw new Error(formatConfigProblems(parsed.problems))
  return parsed.config.stagedKeys.get('mx1.example.com') ?? expect.fail()
}

/** `line:column message` of every problem. */
function refused(hosts: string): readonly string[] {
  const parsed = parse(hosts)
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

function spkiHash(): string {
  const der = execFileSync('openssl', ['pkey', '-in', 'key.pem', '-pubout', '-outform', 'der'], {
    cwd: folder,
    stdio: 'pipe',
  })
  return hash('sha256', der, 'hex')
}

describe('the next key of a host', () => {
  test.each([
    ['next_cert: next.pem', 'certificate', 1],
    ['next_key: next.pem', 'certificate', 1],
    ['next_key: key.pub.pem', 'public-key', 0],
    ['next_key: request.csr', 'request', 0],
  ])('%s', (entry, form, links) => {
    const { form: read, key, chain, host } = staged(entry)
    expect([read, key.sha256, chain.length, host]).toEqual([form, spkiHash(), links, 'mx1.example.com'])
    expect(key.exact === null ? null : hash('sha512', Buffer.from(key.exact, 'hex'), 'hex')).toBe(key.sha512)
  })

  test('as a hash, in either case', () => {
    const { form, key, source } = staged(`next_key: ${spkiHash().toUpperCase()}`)
    expect([form, key.sha256, key.exact, source]).toEqual([
      'hash',
      spkiHash(),
      null,
      spkiHash().toUpperCase(),
    ])
  })

  test('an absolute path', () => {
    expect(staged(`next_cert: ${join(folder, 'next.pem')}`).key.sha256).toBe(spkiHash())
  })

  test('the certificate itself, for records of selector 0', () => {
    const [leaf] = staged('next_cert: next.pem').chain
    expect(leaf?.whole.sha256).toBe(hash('sha256', new X509Certificate(read('next.pem')).raw, 'hex'))
    expect(leaf?.notAfterAt).toBeGreaterThan(NOW)
  })

  test('requests of other keys, their signatures proven', () => {
    expect(staged('next_key: rsa.csr').form).toBe('request')
    expect(staged('next_key: ed.csr').form).toBe('request')
  })

  test('an ended certificate is read, with a word about it', () => {
    const parsed = parse('mx1.example.com: { next_cert: next.pem }', Date.UTC(2200, 0))
    expect(parsed.ok && parsed.notices.map(({ line, message }) => `${line} ${message}`)).toContain(
      '3 the certificate in next.pem has expired; put the next one there, or take the entry out',
    )
  })

  test('up to 64 KiB', () => {
    expect(staged('next_cert: full.pem').key.sha256).toBe(spkiHash())
  })
})

describe('what is refused, with its place', () => {
  test.each([
    ['mx1.example.com: { next_cert: missing.pem }', '3:34 missing.pem does not exist'],
    ['mx1.example.com: { next_cert: . }', '3:34 . is not a regular file'],
    ['mx1.example.com: { next_cert: large.pem }', '3:34 large.pem is larger than 64 KiB'],
    [
      'mx1.example.com: { next_cert: der.crt }',
      '3:34 der.crt holds no PEM block; convert DER with: openssl x509 -inform der -in FILE',
    ],
    [
      'mx1.example.com: { next_cert: key.pub.pem }',
      '3:34 key.pub.pem holds no certificate; name it as next_key: key.pub.pem',
    ],
    [
      `mx1.example.com: { next_key: ${hash('sha256', '', 'hex')} }`,
      '3:33 this is the SHA-256 of nothing: the command that should have given the key gave none',
    ],
    [
      'mx1: { next_cert: next.pem }',
      '3:8 found a mapping, allowed: as key a host name such as mail.example.com',
    ],
    ['mx1.example.com: {}', '3:20 found a mapping, allowed: either `next_cert` or `next_key`'],
    [
      'mx1.example.com: { next_cert: next.pem, next_key: key.pub.pem }',
      '3:3 found a mapping, allowed: either `next_cert` or `next_key`',
    ],
  ])('%s', (hosts, told) => {
    expect(refused(hosts).map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual([
      told.replace(/^\d+:\d+ /, ''),
    ])
    expect(refused(hosts)[0]).toMatch(/^3:\d+ /)
  })

  test.each(['key.pem', 'both.pem', 'rsa.pem', 'ed.pem'])('a private key: %s', (file) => {
    const advice = `${file} holds a private key, which stswatch must not be shown; make a file of the public one: openssl pkey -in KEY -pubout -out next.pub.pem`
    expect(refused(`mx1.example.com: { next_key: ${file} }`)).toEqual([`3:32 ${advice}`])
  })

  test('a certificate that was cut', () => {
    expect(refused('mx1.example.com: { next_cert: cut.pem }')[0]).toContain('cut.pem holds a certificate')
  })

  test('a host that stands there twice', () => {
    expect(
      refused('mx1.example.com: { next_cert: next.pem }\n  MX1.example.com: { next_cert: next.pem }'),
    ).toEqual(['4:3 mx1.example.com stands in `hosts` twice'])
  })

  test('a key that is written into the file is not repeated', () => {
    const secret = 'MHcCAQEEI'.repeat(20)
    const parsed = parse(`mx1.example.com: { next_key: ${secret} }`)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed)).not.toContain('MHcCAQEEIMHcCAQEEI')
  })

  test('a request whose signature does not fit', () => {
    const pem = read('request.csr')
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    expect(readStagedText(forged)).toEqual({
      ok: false,
      error: 'holds a certificate request whose signature does not fit its key; make a new one',
    })
  })

  test('a request that is cut anywhere', () => {
    const der = Buffer.from(read('request.csr').replace(/-----[^-]+-----|\s/g, ''), 'base64')
    for (let length = 0; length < der.length; length += 1) {
      const cut = der.subarray(0, length).toString('base64')
      const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${cut}\n-----END CERTIFICATE REQUEST-----\n`
      expect(readStagedText(pem).ok).toBe(false)
    }
  })
})
