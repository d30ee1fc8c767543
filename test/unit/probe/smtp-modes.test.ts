import { beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import type { LabHost, SmtpMode } from '../../../src/lab/world.ts'
import type { MxSession, SmtpSession, Snapshot } from '../../../src/model/snapshot.ts'
import { hostIn, mailDomain, QUICK, startLabProbe } from './lab-probe.ts'

/** SMTP mode of a host → what the probe says: the fault of the session, or the outcome of STARTTLS. */
const MODES: Readonly<Record<SmtpMode, string>> = {
  ok: 'established',
  'reset-at-connect': 'connect-reset/path',
  'close-at-connect': 'smtp-closed/remote',
  silent: 'greeting-timeout/path',
  'greeting-4xx': 'greeting-4xx/remote',
  'greeting-5xx': 'greeting-5xx/remote',
  'greeting-garbage': 'greeting-malformed/remote',
  'greeting-endless': 'greeting-malformed/remote',
  'greeting-drip': 'greeting-timeout/path',
  'reset-after-greeting': 'smtp-closed/path',
  'ehlo-fails': 'ehlo-failed/remote',
  'ehlo-silent': 'smtp-timeout/path',
  'ehlo-endless': 'smtp-malformed/remote',
  'ehlo-huge': 'smtp-malformed/remote',
  'no-starttls': 'not-offered',
  'starttls-refused': 'refused',
  'starttls-silent': 'smtp-timeout/path',
  injection: 'injected',
  'reset-after-starttls': 'handshake-failed: tls-closed/remote',
  'tls-garbage': 'handshake-failed: tls-malformed/remote',
  'tls-alert': 'handshake-failed: tls-alert/remote',
  'tls-hang': 'handshake-failed: tls-timeout/path',
  'tls-close': 'handshake-failed: tls-closed/remote',
  'reset-after-handshake': 'established',
  'quit-silent': 'established',
}

/** The way to a host, and what the probe says of it. */
const PATHS: readonly [name: string, host: Partial<LabHost>, expected: string][] = [
  ['refused', { path: 'refused' }, 'connect-refused/remote'],
  ['timeout', { path: 'timeout' }, 'connect-timeout/path'],
  ['no-route', { path: 'no-route' }, 'no-route/local'],
  ['nobody-listens', { smtp: null }, 'connect-refused/remote'],
]

function told({ smtp }: MxSession): string {
  if (smtp.outcome === 'failed') return `${smtp.fault.kind}/${smtp.fault.blame}`
  if (smtp.outcome !== 'seen') return smtp.outcome
  const { startTls } = smtp.value
  if (startTls.outcome !== 'handshake-failed') return startTls.outcome
  return `handshake-failed: ${startTls.fault.kind}/${startTls.fault.blame}`
}

function session(snapshot: Snapshot, host: string): SmtpSession {
  const [first] = hostIn(snapshot, host).sessions
  if (first?.smtp.outcome !== 'seen') throw new Error(`${host}: ${JSON.stringify(first)}`)
  return first.smtp.value
}

describe('every way a mail host can behave', () => {
  const hosts = [
    ...Object.keys(MODES).map((mode) => mailHost(`${mode}.test`, { smtp: mode as SmtpMode })),
    ...PATHS.map(([name, host]) => mailHost(`path-${name}.test`, host)),
  ]
  const world = buildWorld({
    domains: [healthyDomain('example.com', { ...mailDomain(hosts.map((host) => host.name)), hosts })],
  })
  let snapshot: Snapshot
  let quits: ReadonlyMap<string, boolean>
  let tookMs: number

  beforeAll(async () => {
    await using kit = await startLabProbe(world)
    const since = performance.now()
    snapshot = await kit.look('example.com')
    tookMs = performance.now() - since
    quits = new Map(
      kit.lab.journal.smtp.map(({ address, quit }) => [
        hosts.find((h) => h.addresses[0] === address)?.name ?? '',
        quit,
      ]),
    )
  })

  test.each(Object.entries(MODES))('%s: %s', (mode, expected) => {
    expect(hostIn(snapshot, `${mode}.test`).sessions.map(told)).toEqual([expected])
  })

  test.each(PATHS.map(([name, , expected]) => [name, expected] as const))('path %s: %s', (name, expected) => {
    expect(hostIn(snapshot, `path-${name}.test`).sessions.map(told)).toEqual([expected])
  })

  test('no mode holds the look longer than its limits', () => {
    expect(tookMs).toBeLessThan(QUICK.smtp.totalMs)
  })

  test('every fault names the host, and untrusted text is bounded', () => {
    const failed = snapshot.hosts.flatMap((host) =>
      host.sessions.flatMap(({ address, smtp }) =>
        smtp.outcome === 'failed' ? [{ told: smtp.fault.detail, host: host.name, address }] : [],
      ),
    )
    for (const { told: detail, host, address } of failed) {
      expect(detail.includes(host) || detail.includes(address)).toBe(true)
      expect(detail.length).toBeLessThanOrEqual(512)
    }
    expect(failed.length).toBeGreaterThan(10)
  })

  test.each(['ok', 'no-starttls', 'starttls-refused', 'ehlo-fails'])('says QUIT after %s', (mode) => {
    expect(quits.get(`${mode}.test`)).toBe(true)
  })

  test('tells the greeting, the capabilities before TLS and the refusal', () => {
    expect(session(snapshot, 'ok.test').greeting).toMatch(/^220 /)
    expect(session(snapshot, 'ok.test').capabilities).toContain('STARTTLS')
    expect(session(snapshot, 'starttls-refused.test').startTls).toMatchObject({
      reply: expect.stringMatching(/^454 /),
    })
    expect(session(snapshot, 'injection.test').startTls).toEqual({
      outcome: 'injected',
      bytes: expect.any(Number),
    })
  })
})

describe('the certificate of a mail host', () => {
  const specs = Object.entries(CERTIFICATES)
  const hosts = specs.map(([name, certificate]) => mailHost(`${name.toLowerCase()}.test`, { certificate }))
  const world = buildWorld({
    domains: [healthyDomain('example.com', { ...mailDomain(hosts.map((host) => host.name)), hosts })],
  })
  let snapshot: Snapshot

  beforeAll(async () => {
    await using kit = await startLabProbe(world)
    snapshot = await kit.look('example.com')
  })

  test.each([
    ['good', null, 2, ['good.test']],
    ['expired', 'CERT_HAS_EXPIRED', 2, ['expired.test']],
    ['notYetValid', 'CERT_NOT_YET_VALID', 2, ['notyetvalid.test']],
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT', 1, ['selfsigned.test']],
    ['untrustedRoot', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 2, ['untrustedroot.test']],
    ['missingIntermediate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 1, ['missingintermediate.test']],
    ['commonNameOnly', null, 2, []],
    ['wrongName', null, 2, ['other.invalid']],
    ['rsa', null, 2, ['rsa.test']],
  ])('%s: webPkiError %s, %d sent, names %j', (spec, webPkiError, sent, dnsNames) => {
    const { startTls } = session(snapshot, `${spec.toLowerCase()}.test`)
    if (startTls.outcome !== 'established') throw new Error(startTls.outcome)
    expect(startTls.tls.webPkiError).toBe(webPkiError)
    expect(startTls.tls.chain).toHaveLength(sent)
    expect(startTls.tls.chain[0]?.dnsNames).toEqual(dnsNames)
    expect(startTls.tls.chain[0]?.keyType).toBe(spec === 'rsa' ? 'rsa' : 'ec')
    expect(startTls.tls.protocol).toBe('TLSv1.3')
  })
})
