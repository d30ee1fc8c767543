import { createHash, X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { certificate } from '../../../src/lab/certificate-spec.ts'
import type { StartTls } from '../../../src/model/snapshot.ts'
import { certificateFacts } from '../../../src/probe/certificate-facts.ts'
import { FaultError } from '../../../src/probe/fault-error.ts'
import { spkiOf } from '../../../src/protocol/x509/spki.ts'
import { hostIn, mailDomain, QUICK, startLabProbe } from './lab-probe.ts'

const corpus = rootCertificates.map((pem) => new X509Certificate(pem))

describe('the facts of a certificate', () => {
  test('agree with OpenSSL for every root that Node brings', () => {
    for (const one of corpus) {
      const facts = certificateFacts(one.raw)
      const spki = one.publicKey.export({ type: 'spki', format: 'der' })
      expect(facts.spkiSha256).toBe(createHash('sha256').update(spki).digest('hex'))
      expect(facts.sha256).toBe(one.fingerprint256.replaceAll(':', '').toLowerCase())
      expect(new Date(facts.notAfterAt)).toEqual(one.validToDate)
      expect(facts.subject).not.toContain('\n')
    }
    expect(corpus.length).toBeGreaterThan(100)
  })

  test('name the kind and size of the key', () => {
    const kinds = new Set(
      corpus.map((one) => certificateFacts(one.raw)).map((facts) => `${facts.keyType} ${facts.keyBits}`),
    )
    expect([...kinds].filter((kind) => !/^(?:rsa (?:2048|4096)|ec (?:256|384|521))$/.test(kind))).toEqual([])
    expect(kinds.size).toBeGreaterThan(2)
  })

  test('a certificate cut short anywhere is a fault or no key, never a crash', () => {
    const der = corpus[0]?.raw ?? expect.fail('no root')
    for (let length = 0; length < der.length; length += 1) {
      expect(() => spkiOf(der.subarray(0, length))).not.toThrow()
      expect(() => certificateFacts(der.subarray(0, length))).toThrow(FaultError)
    }
  })

  test('a date that is none is a fault, since nothing can be judged by it', () => {
    const der = corpus.map((one) => one.raw).find((raw) => UTC_TIME.test(raw.toString('latin1')))
    const text = der?.toString('latin1') ?? expect.fail('no root with a UTCTime')
    const broken = Buffer.from(text.replace(UTC_TIME, '999999999999Z'), 'latin1')
    expect(() => certificateFacts(broken)).toThrow(FaultError)
  })
})

const UTC_TIME = /\d{12}Z/

describe('strange certificates, met in a handshake', () => {
  const names = (count: number, label: string) =>
    Array.from({ length: count }, (_, n) => `n${n}.${label}.${label}.${label}.test`)
  const specs = {
    'tricky.test': certificate({ dnsNames: ['evil, DNS:good.test', '*.UPPER.test', 'plain.test'] }),
    'many.test': certificate({ dnsNames: names(400, 'x'.repeat(60)) }),
    'too-many.test': certificate({ dnsNames: names(700, 'x'.repeat(60)) }),
  }
  const hosts = Object.entries(specs).map(([name, spec]) => mailHost(name, { certificate: spec }))
  const outcomes = new Map<string, StartTls>()

  beforeAll(async () => {
    const domain = healthyDomain('example.com', { ...mailDomain(Object.keys(specs)), hosts })
    // Making such certificates holds up the lab, which runs in this process.
    const limits = { ...QUICK, handshakeMs: 15_000, smtp: { ...QUICK.smtp, totalMs: 30_000 } }
    await using kit = await startLabProbe(buildWorld({ domains: [domain] }), { limits })
    const snapshot = await kit.look('example.com')
    for (const name of Object.keys(specs)) {
      const [session] = hostIn(snapshot, name).sessions
      if (session?.smtp.outcome === 'seen') outcomes.set(name, session.smtp.value.startTls)
    }
  })

  test('a comma inside a name makes no second name', () => {
    const outcome = outcomes.get('tricky.test')
    const [leaf] = outcome?.outcome === 'established' ? outcome.tls.chain : []
    expect(leaf?.dnsNames).toEqual(['evil, dns:good.test', '*.upper.test', 'plain.test'])
  })

  test('four hundred long names are read', () => {
    const outcome = outcomes.get('many.test')
    const [leaf] = outcome?.outcome === 'established' ? outcome.tls.chain : []
    expect(leaf?.dnsNames).toHaveLength(400)
  })

  test('seven hundred are more than our TLS stack takes, which is our own limit', () => {
    expect(outcomes.get('too-many.test')).toMatchObject({
      outcome: 'handshake-failed',
      fault: { kind: 'client-limit', blame: 'local' },
    })
  })
})
