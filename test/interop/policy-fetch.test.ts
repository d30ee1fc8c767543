import { networkInterfaces } from 'node:os'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FetchFailureCause } from '../../src/model/evidence/sts-evidence.ts'
import type { Endpoint } from '../../src/model/route.ts'
import type { PolicyFetch } from '../../src/model/snapshot.ts'
import { lookAt } from './look-at.ts'
import { freeEndpoint } from './servers/free-endpoints.ts'
import { Nginx, type VirtualHost } from './servers/nginx.ts'
import { type LeafSpec, OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Scratch } from './servers/scratch.ts'
import { tableResolver } from './table-resolver.ts'

const PATH = '.well-known/mta-sts.txt'
const MX = 'mx.example.com'
const POLICY = policy('enforce', 1_209_600)
const LIMIT_BYTES = 65_536

function policy(mode: string, maxAge: number): string {
  return `version: STSv1\r\nmode: ${mode}\r\nmx: ${MX}\r\nmax_age: ${maxAge}\r\n`
}

/** What the policy host of one domain does, and what follows. */
interface HostCase {
  readonly files: VirtualHost['files']
  readonly directives: readonly string[]
  readonly leaf: Partial<LeafSpec>
  readonly key: 'ec' | 'rsa'
  readonly codes: readonly string[]
  /** Of the finding `mta-sts.policy.unfetchable`, when that is among the codes. */
  readonly cause: FetchFailureCause | null
}

function hostCase(edit: Partial<HostCase>): HostCase {
  return { files: { [PATH]: POLICY }, directives: [], leaf: {}, key: 'ec', codes: [], cause: null, ...edit }
}

function unfetchable(cause: FetchFailureCause, edit: Partial<HostCase>): HostCase {
  return hostCase({ codes: ['mta-sts.policy.unfetchable'], cause, ...edit })
}

function certificateCase(code: string, leaf: Partial<LeafSpec>): HostCase {
  return hostCase({ leaf, codes: [`policy-host.certificate.${code}`] })
}

/** A policy that is padded with an extension field to `bytes`. */
function padded(bytes: number): string {
  const field = `${POLICY}x_padding: `
  return `${field}${'a'.repeat(bytes - field.length - 2)}\r\n`
}

const CASES: Readonly<Record<string, HostCase>> = {
  valid: hostCase({}),
  'valid-rsa': hostCase({ key: 'rsa' }),
  'gzip-when-asked': hostCase({ directives: ['gzip on; gzip_types *; gzip_min_length 1; gzip_vary on;'] }),
  chunked: hostCase({ directives: ['ssi on; ssi_types text/plain;'] }),
  'http2-offered': hostCase({ directives: ['http2_max_concurrent_streams 8;'] }),
  'charset-parameter': hostCase({ directives: ['charset utf-8;'] }),
  redirect: unfetchable('redirect', { directives: ['return 301 https://www.example.com/mta-sts.txt;'] }),
  missing: unfetchable('status', { files: {} }),
  forbidden: unfetchable('status', { directives: ['deny all;'] }),
  broken: unfetchable('status', { directives: ['return 503;'] }),
  'closes-without-answer': unfetchable('malformed', { directives: ['return 444;'] }),
  html: unfetchable('media-type', { directives: ['types { text/html txt; }'] }),
  'no-media-type': unfetchable('media-type', { directives: ['types {} default_type "";'] }),
  'gzip-always': unfetchable('content-encoding', {
    directives: ['gzip_static always;'],
    files: { [`${PATH}.gz`]: gzipSync(POLICY) },
  }),
  'largest-allowed': hostCase({ files: { [PATH]: padded(LIMIT_BYTES) } }),
  'too-large': unfetchable('too-large', { files: { [PATH]: padded(LIMIT_BYTES + 1) } }),
  expired: certificateCase('expired', { fromDays: -91, toDays: -1 }),
  'wrong-name': certificateCase('name-mismatch', { names: 'DNS:www.example.com' }),
  'common-name-only': certificateCase('name-mismatch', { names: null }),
  'self-signed': certificateCase('untrusted', { signer: 'itself' }),
  'missing-intermediate': certificateCase('missing-intermediate', { chain: 'leaf-only' }),
}

/** A machine without IPv6 serves its second text at another IPv4 address. */
const SECOND_HOST = Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === '::1')
  ? '::1'
  : undefined

const V4 = '192.0.2.80'
const V6 = '2001:db8::80'

describeWith(['nginx-light', 'openssl'], 'the policy fetch with a real nginx', () => {
  const stack = new AsyncDisposableStack()
  let roots: readonly string[]
  let first: Endpoint
  let second: Endpoint

  beforeAll(async () => {
    const scratch = stack.use(new Scratch('https'))
    const authorities = {
      ec: new OpenSslAuthority(scratch, 'ec', 'ec'),
      rsa: new OpenSslAuthority(scratch, 'rsa', 'rsa'),
    }
    roots = Object.values(authorities).map(({ rootPem }) => rootPem)
    first = await freeEndpoint()
    second = await freeEndpoint(SECOND_HOST)
    const hosts = Object.entries(CASES).map(([name, { files, directives, leaf, key }]): VirtualHost => {
      const host = policyHost(name)
      return { name: host, at: [first], identity: authorities[key].issue(host, leaf), files, directives }
    })
    const name = policyHost('two-texts')
    const identity = authorities.ec.issue(name)
    const halves = [
      { at: [first], files: { [PATH]: POLICY } },
      { at: [second], files: { [`six/${PATH}`]: policy('testing', 86_400) } },
    ].map((half, index) => ({
      ...half,
      name,
      identity,
      directives: index === 0 ? [] : ['rewrite ^/[.](.*)$ /six/.$1 break;'],
    }))
    const both = {
      name: policyHost('same-text'),
      at: [first, second],
      files: { [PATH]: POLICY },
      directives: [],
    }
    stack.use(
      await Nginx.start([
        ...hosts,
        ...halves,
        { ...both, identity: authorities.ec.issue(policyHost('same-text')) },
      ]),
    )
  })
  afterAll(() => stack.disposeAsync())

  function policyHost(name: string): string {
    return `mta-sts.${name}.example.com`
  }

  async function look(name: string, addresses: readonly string[] = [V4]) {
    const domain = `${name}.example.com`
    const resolver = tableResolver({
      txt: { [`_mta-sts.${domain}`]: 'v=STSv1; id=1;' },
      mx: { [domain]: MX },
      addresses: { [policyHost(name)]: addresses },
    })
    const servers = { [`${V4} 443`]: first, [`${V6} 443`]: second }
    const { snapshot, judgement, codes } = await lookAt({ resolver, servers, roots }, domain)
    const told = [...codes('mta-sts.policy.'), ...codes('policy-host.')]
    return { fetches: snapshot.policyHost.fetches, judgement, told }
  }

  function bodyOf(fetch: PolicyFetch | undefined): string | null {
    return fetch?.response.outcome === 'seen' ? fetch.response.value.body : null
  }

  test.each(Object.entries(CASES))('%s', async (name, expected) => {
    const { fetches, judgement, told } = await look(name)
    expect(told).toEqual(expected.codes)
    const finding = judgement.findings.find(({ code }) => code === 'mta-sts.policy.unfetchable')
    expect(finding?.evidence).toEqual(
      expected.cause === null ? undefined : expect.objectContaining({ cause: expected.cause }),
    )
    if (expected.codes.length === 0) expect(bodyOf(fetches[0])).toBe(expected.files[PATH])
    // RFC 8461 §3.3: a host with a certificate that does not hold is asked nothing.
    const isBad = told.some((code) => code.startsWith('policy-host.certificate.'))
    expect(fetches[0]?.response.outcome === 'skipped').toBe(isBad)
  })

  test('a host that nginx does not know is refused in the handshake', async () => {
    const { fetches, told } = await look('nobody-there')
    expect(fetches[0]?.tls).toMatchObject({
      outcome: 'failed',
      fault: { kind: 'tls-alert', blame: 'remote' },
    })
    expect(told).toEqual(['mta-sts.policy.unfetchable'])
  })

  test('IPv4 and IPv6 that serve different texts are told apart', async () => {
    const { fetches, judgement, told } = await look('two-texts', [V4, V6])
    expect(fetches.map(bodyOf)).toEqual([POLICY, policy('testing', 86_400)])
    expect(told).toEqual(['mta-sts.policy.differs-by-address'])
    const finding = judgement.findings.find(({ code }) => code === 'mta-sts.policy.differs-by-address')
    expect(finding?.evidence).toMatchObject({ variants: [{ addresses: [V4] }, { addresses: [V6] }] })
  })

  test('IPv4 and IPv6 that serve the same text are no finding', async () => {
    const { fetches, told } = await look('same-text', [V4, V6])
    expect(fetches.map(bodyOf)).toEqual([POLICY, POLICY])
    expect(told).toEqual([])
  })
})
