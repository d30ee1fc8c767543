import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Endpoint } from '../../src/model/route.ts'
import type { SmtpSession } from '../../src/model/snapshot.ts'
import type { TlsFacts } from '../../src/model/tls.ts'
import { lookAt } from './look-at.ts'
import { type LeafSpec, OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Postfix, type SmtpdSettings } from './servers/postfix.ts'
import { Scratch } from './servers/scratch.ts'
import { tableResolver } from './table-resolver.ts'

const MX = 'mx.example.com'
const OTHER = 'other.example.net'

type Signer = 'ec' | 'rsa' | 'stranger'

/** A certificate that Postfix shows, and what the probe must make of it. */
interface CertificateCase {
  readonly signer: Signer
  readonly leaf: Partial<LeafSpec>
  readonly chain: number
  readonly webPkiError: string | null
  readonly names: readonly string[]
  readonly codes: readonly string[]
}

const MISSING_INTERMEDIATE = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'

function certificateCase(
  signer: Signer,
  leaf: Partial<LeafSpec>,
  told: Partial<CertificateCase>,
): CertificateCase {
  return { signer, leaf, chain: 2, webPkiError: null, names: [MX], codes: [], ...told }
}

const CERTIFICATES: Readonly<Record<string, CertificateCase>> = Object.fromEntries(
  (['ec', 'rsa'] as const).flatMap((key) => [
    [`valid-${key}`, certificateCase(key, {}, {})],
    [
      `expired-${key}`,
      certificateCase(
        key,
        { fromDays: -91, toDays: -1 },
        { webPkiError: 'CERT_HAS_EXPIRED', codes: ['mx.certificate.expired'] },
      ),
    ],
    [
      `expiring-${key}`,
      certificateCase(key, { fromDays: -85, toDays: 5 }, { codes: ['mx.certificate.expiring'] }),
    ],
    [
      `wrong-name-${key}`,
      certificateCase(
        key,
        { names: `DNS:${OTHER}` },
        { names: [OTHER], codes: ['mx.certificate.name-mismatch'] },
      ),
    ],
    [
      `missing-intermediate-${key}`,
      certificateCase(
        key,
        { chain: 'leaf-only' },
        { chain: 1, webPkiError: MISSING_INTERMEDIATE, codes: ['mx.certificate.missing-intermediate'] },
      ),
    ],
    [
      `self-signed-${key}`,
      certificateCase(
        key,
        { signer: 'itself' },
        { chain: 1, webPkiError: 'DEPTH_ZERO_SELF_SIGNED_CERT', codes: ['mx.certificate.untrusted'] },
      ),
    ],
  ]),
)

const MORE_CERTIFICATES: Readonly<Record<string, CertificateCase>> = {
  // Postfix sends no root; OpenSSL names the issuer that it looked for in vain.
  'unknown-root': certificateCase(
    'stranger',
    {},
    { webPkiError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', codes: ['mx.certificate.untrusted'] },
  ),
  wildcard: certificateCase('ec', { names: 'DNS:*.example.com' }, { names: ['*.example.com'] }),
  'common-name-only': certificateCase(
    'ec',
    { names: null },
    { names: [], codes: ['mx.certificate.name-mismatch'] },
  ),
  'expired-and-wrong-name': certificateCase(
    'ec',
    { names: `DNS:${OTHER}`, fromDays: -91, toDays: -1 },
    {
      names: [OTHER],
      webPkiError: 'CERT_HAS_EXPIRED',
      codes: ['mx.certificate.expired', 'mx.certificate.name-mismatch'],
    },
  ),
}

const ALL_CERTIFICATES = { ...CERTIFICATES, ...MORE_CERTIFICATES }

describeWith(['postfix', 'openssl'], 'the STARTTLS probe with a real Postfix', () => {
  const stack = new AsyncDisposableStack()
  let postfix: Postfix
  let roots: readonly string[]

  beforeAll(async () => {
    const scratch = stack.use(new Scratch('smtp'))
    const authorities = {
      ec: new OpenSslAuthority(scratch, 'ec', 'ec'),
      rsa: new OpenSslAuthority(scratch, 'rsa', 'rsa'),
      stranger: new OpenSslAuthority(scratch, 'stranger', 'ec'),
    }
    roots = [authorities.ec.rootPem, authorities.rsa.rootPem]
    const showing = (files: string): SmtpdSettings => ({
      smtpd_tls_security_level: 'may',
      smtpd_tls_chain_files: files,
    })
    const shown = Object.entries(ALL_CERTIFICATES).map(([name, { signer, leaf }]) => [
      name,
      showing(authorities[signer].issue(MX, leaf)),
    ])
    const both = `${authorities.rsa.issue(MX)}, ${authorities.ec.issue(MX)}`
    const services: Readonly<Record<string, SmtpdSettings>> = {
      ...Object.fromEntries(shown),
      'no-starttls': { smtpd_tls_security_level: 'none' },
      'tls-1.2': { ...showing(authorities.rsa.issue(MX)), smtpd_tls_protocols: 'TLSv1.2' },
      'two-keys': showing(both),
      'no-certificate-file': showing('/nonexistent.pem'),
      'refuses-us': { smtpd_client_restrictions: 'reject', smtpd_delay_reject: 'no' },
      'must-encrypt': { ...showing(authorities.ec.issue(MX)), smtpd_tls_security_level: 'encrypt' },
    }
    postfix = stack.use(await Postfix.start({ services }))
  })
  afterAll(() => stack.disposeAsync())

  async function look(server: Endpoint | null) {
    const resolver = tableResolver({ mx: { 'example.com': MX }, addresses: { [MX]: ['192.0.2.25'] } })
    const servers = server === null ? {} : { '192.0.2.25 25': server }
    const { snapshot, codes } = await lookAt({ resolver, servers, roots }, 'example.com')
    const smtp = snapshot.hosts[0]?.sessions[0]?.smtp
    if (smtp === undefined) throw new Error('there was no session')
    return { smtp, codes: codes('mx.') }
  }

  async function session(service: string): Promise<{ seen: SmtpSession; codes: readonly string[] }> {
    const { smtp, codes } = await look(postfix.endpoint(service))
    if (smtp.outcome !== 'seen') throw new Error(`${service}: ${JSON.stringify(smtp)}`)
    return { seen: smtp.value, codes }
  }

  function established({ startTls }: SmtpSession): TlsFacts {
    if (startTls.outcome !== 'established') throw new Error(JSON.stringify(startTls))
    return startTls.tls
  }

  test.each(Object.entries(ALL_CERTIFICATES))('%s', async (service, expected) => {
    const { seen, codes } = await session(service)
    expect(seen.greeting).toBe('220 postfix.example.net ESMTP Postfix')
    expect(seen.capabilities).toContain('STARTTLS')
    const tls = established(seen)
    expect(tls.protocol).toBe('TLSv1.3')
    expect(tls.chain).toHaveLength(expected.chain)
    expect(tls.webPkiError).toBe(expected.webPkiError)
    const [leaf] = tls.chain
    expect(leaf?.dnsNames).toEqual(expected.names)
    expect(leaf?.keyType).toBe(expected.signer === 'rsa' ? 'rsa' : 'ec')
    expect(leaf?.keyBits).toBe(expected.signer === 'rsa' ? 2048 : 256)
    expect(leaf?.subject).toBe(`CN=${MX}`)
    expect(codes).toEqual(expected.codes)
  })

  test('a server without STARTTLS is told as that', async () => {
    const { seen, codes } = await session('no-starttls')
    expect(seen.startTls).toEqual({ outcome: 'not-offered' })
    expect(seen.capabilities).not.toContain('STARTTLS')
    expect(codes).toEqual(['mx.starttls.missing'])
  })

  test('an older protocol, a choice of keys and a server that insists on TLS are no finding', async () => {
    const looks = await Promise.all(['tls-1.2', 'two-keys', 'must-encrypt'].map(session))
    expect(looks.map(({ codes }) => codes)).toEqual([[], [], []])
    const [older, twoKeys] = looks.map(({ seen }) => established(seen))
    expect(older?.protocol).toBe('TLSv1.2')
    expect(twoKeys?.chain[0]?.keyType).toBe('ec')
  })

  test('a server that lost its certificate offers STARTTLS and fails the handshake', async () => {
    const { seen, codes } = await session('no-certificate-file')
    expect(seen.startTls).toMatchObject({
      outcome: 'handshake-failed',
      fault: { kind: 'tls-alert', blame: 'remote' },
    })
    expect(codes).toEqual(['mx.tls.failed'])
  })

  test('a server that refuses this monitor is not called broken', async () => {
    const { smtp, codes } = await look(postfix.endpoint('refuses-us'))
    expect(smtp).toMatchObject({ outcome: 'failed', fault: { kind: 'greeting-5xx', blame: 'remote' } })
    expect(codes).toEqual(['mx.host.refuses-monitor'])
  })

  test('a host with nobody on port 25 is unreachable', async () => {
    const { smtp, codes } = await look(null)
    expect(smtp).toMatchObject({ outcome: 'failed', fault: { kind: 'connect-refused' } })
    expect(codes).toEqual(['mx.host.unreachable'])
  })
})
