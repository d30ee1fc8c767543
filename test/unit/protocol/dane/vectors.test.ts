import { describe, expect, it } from 'vitest'
import { sha256, sha512 } from '../../../../src/lib/sha256.ts'
import { DAY_MS } from '../../../../src/lib/time.ts'
import { type DaneCertificate, matchDane } from '../../../../src/protocol/dane/match.ts'
import {
  formatTlsa,
  isUsable,
  parseTlsa,
  type TlsaRecord,
  tlsaFlaw,
} from '../../../../src/protocol/dane/tlsa.ts'
import { type DaneMatchCase, daneMatchCases, tlsaRecordCases } from '../../../vectors/cases.ts'

const NOW = Date.UTC(2026, 10, 23)
const DIGESTS: Readonly<Record<string, string>> = {
  sha256: sha256('a key'),
  sha512: sha512(Buffer.from('a key')),
  'sha256-1': sha256('a key').slice(2),
  'sha256+1': `${sha256('a key')}00`,
  'sha512-1': sha512(Buffer.from('a key')).slice(2),
  'sha512+1': `${sha512(Buffer.from('a key'))}00`,
  nothing256: sha256(''),
  nothing512: sha512(Buffer.alloc(0)),
}

describe('TLSA record cases', () => {
  it.each(tlsaRecordCases)('$id', ({ rdata, flaw }) => {
    const [usage, selector, matching, data = ''] = rdata.split(' ')
    const text = data in DIGESTS ? [usage, selector, matching, DIGESTS[data]].join(' ') : rdata
    const record = parseTlsa(text)
    expect(record === null ? 'not-a-record' : tlsaFlaw(record)).toBe(flaw)
    if (record === null) return
    expect(isUsable(record)).toBe(flaw === null || flaw === 'digest-of-nothing')
    expect(formatTlsa(record).trim()).toBe(text)
  })
})

/** What stands for the DER of a certificate or of its key. */
function bytes(what: string): Buffer {
  return what === 'nothing' ? Buffer.alloc(0) : Buffer.from(`the bytes of ${what}`)
}

function recordOf(text: string): TlsaRecord {
  const [usage = 0, selector = 0, matching = 0] = text.split(' ').slice(0, 3).map(Number)
  const [, , , what = ''] = text.split(' ')
  const isSymbol = what.includes('.') || what === 'nothing'
  const whole = [bytes(what).toString('hex'), sha256(bytes(what)), sha512(bytes(what))]
  return { usage, selector, matching, data: isSymbol ? (whole[matching] ?? '') : what }
}

function certificateOf(name: string, one: DaneMatchCase): DaneCertificate {
  const { names = ['mx.example.com'], common_name: commonName = 'a server', ended = [], early = [] } = one
  const isLeaf = name === 'leaf'
  return {
    subject: isLeaf ? `O=Example, CN=${commonName}` : `CN=${name}`,
    dnsNames: isLeaf ? names : [],
    notBeforeAt: early.includes(name) ? NOW + 1 : NOW - 30 * DAY_MS,
    notAfterAt: ended.includes(name) ? NOW : NOW + DAY_MS,
    sha256: sha256(bytes(`${name}.cert`)),
    sha512: sha512(bytes(`${name}.cert`)),
    spkiSha256: sha256(bytes(`${name}.key`)),
    spkiSha512: sha512(bytes(`${name}.key`)),
  }
}

describe('DANE match cases', () => {
  it.each(daneMatchCases)('$id', (one) => {
    const {
      records,
      sent = ['leaf', 'issuer'],
      linked,
      reference = ['mx.example.com'],
      expect: expected,
    } = one
    const chain = sent.map((name) => certificateOf(name, one))
    const result = matchDane(
      records.map(recordOf),
      { chain, linked: linked ?? chain.length },
      { names: reference, now: NOW },
    )
    expect(result.outcome === 'failed' ? result.why : result.outcome).toBe(expected)
  })
})
