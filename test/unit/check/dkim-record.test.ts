import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type DkimUse, judgeDkimRecord } from '../../../src/check/dkim-record.ts'
import { formatKeyRecord } from '../../../src/protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../../../src/protocol/dkim/rsa-private-key.ts'
import { rsaPem } from '../mail/dkim-keys.ts'

function publicKey(bits: number): string {
  if (bits >= 2048) {
    const facts = readRsaPrivateKey(rsaPem(bits))
    if (!facts.ok) throw new Error(facts.error)
    return facts.value.publicKey
  }
  const { publicKey: key } = generateKeyPairSync('rsa', { modulusLength: bits })
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}

const OURS = publicKey(2048)
const OTHER = publicKey(2048)
const SHORT = publicKey(1024)
const TINY = publicKey(512)

function judged(records: string | readonly string[], use: DkimUse = 'mail', cnames: readonly string[] = []) {
  const published = { records: typeof records === 'string' ? [records] : records, cnames }
  const { works, problems } = judgeDkimRecord(published, OURS, use)
  return { works, problems: problems.map(({ code, severity }) => `${severity} ${code}`) }
}

const both = ['mail', 'reports']

describe('what works', () => {
  test.each<[string, string, DkimUse, readonly string[], readonly string[]]>([
    ['as we print it for mail', formatKeyRecord({ publicKey: OURS, service: null }), 'mail', both, []],
    [
      'as we print it for reports',
      formatKeyRecord({ publicKey: OURS, service: 'tlsrpt' }),
      'reports',
      ['reports'],
      [],
    ],
    [
      'only s=tlsrpt, for mail',
      `v=DKIM1; s=tlsrpt; p=${OURS}`,
      'mail',
      ['reports'],
      ['error service-not-allowed'],
    ],
    ['only s=email, for mail', `v=DKIM1; s=email; p=${OURS}`, 'mail', ['mail'], []],
    [
      'only s=email, for reports',
      `v=DKIM1; s=email; p=${OURS}`,
      'reports',
      ['mail'],
      ['error service-not-allowed'],
    ],
    ['s=*, for mail', `v=DKIM1; s=*; p=${OURS}`, 'mail', both, []],
    ['s=*, for reports', `v=DKIM1; s=*; p=${OURS}`, 'reports', both, ['info service-wider']],
    ['no s=, for reports', `v=DKIM1; p=${OURS}`, 'reports', both, ['info service-wider']],
    ['both in a list', `v=DKIM1; s=email:tlsrpt; p=${OURS}`, 'mail', both, ['warning service-list']],
    [
      'a list with blanks',
      `v=DKIM1; s= tlsrpt : email ; p=${OURS}`,
      'reports',
      both,
      ['warning service-list'],
    ],
    ['no version', `k=rsa; p=${OURS}`, 'mail', both, []],
    ['blanks round =', `v = DKIM1 ; p = ${OURS} ;`, 'mail', both, []],
    ['blanks inside the key', `v=DKIM1; p=${OURS.slice(0, 80)} ${OURS.slice(80)}`, 'mail', both, []],
    ['h=sha256', `v=DKIM1; h=sha1:sha256; p=${OURS}`, 'mail', both, []],
    ['t=s', `v=DKIM1; t=s; p=${OURS}`, 'mail', both, []],
    ['t=y', `v=DKIM1; t=y:s; p=${OURS}`, 'mail', both, ['warning test-flag']],
    ['another key', `v=DKIM1; p=${OTHER}`, 'mail', [], ['error key-differs']],
    [
      'another key of 1024 bits',
      `v=DKIM1; p=${SHORT}`,
      'mail',
      [],
      ['error key-differs', 'warning key-too-short'],
    ],
    [
      'another key of 512 bits',
      `v=DKIM1; p=${TINY}`,
      'mail',
      [],
      ['error key-differs', 'error key-too-short'],
    ],
    ['a key cut at 255', `v=DKIM1; p=${OURS}`.slice(0, 255), 'mail', [], ['error key-cut']],
    [
      'quotation marks',
      `v=DKIM1; p=${OURS.slice(0, 80)}" "${OURS.slice(80)}`,
      'mail',
      [],
      ['error key-quoted'],
    ],
    ['an empty p=', 'v=DKIM1; p=', 'mail', [], ['error key-revoked']],
    ['no p=', 'v=DKIM1; k=rsa', 'mail', [], ['error key-missing']],
    ['another version', `v=DKIM2; p=${OURS}`, 'mail', [], ['error version-unknown']],
    ['another kind of key', `v=DKIM1; k=ed25519; p=${OURS}`, 'mail', [], ['error key-type']],
    ['h=sha1', `v=DKIM1; h=sha1; p=${OURS}`, 'mail', [], ['error hash-not-allowed']],
    ['something else', 'google-site-verification=x', 'mail', [], ['error key-missing']],
  ])('%s', (_, record, use, works, problems) => {
    expect(judged(record, use)).toEqual({ works, problems })
  })

  test('none', () => {
    expect(judged([])).toEqual({ works: [], problems: ['error record-missing'] })
  })

  test('two', () => {
    const record = `v=DKIM1; p=${OURS}`
    expect(judged([record, record])).toEqual({ works: [], problems: ['error record-multiple'] })
  })

  test('an alias is said, and judged by its target', () => {
    expect(judged(`v=DKIM1; p=${OURS}`, 'mail', ['key.provider.example'])).toEqual({
      works: both,
      problems: ['info alias'],
    })
  })
})

test('sentences name the remedy and show hostile records as text', () => {
  const published = { records: ['v=\u001b[2J; s=\u202ex; k=\u0000; p=x'], cnames: ['a.example'] }
  for (const { message } of judgeDkimRecord(published, OURS, 'mail').problems) {
    expect(message).toMatch(/^[A-Z].*[.)a-z]$/)
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/)
  }
})
