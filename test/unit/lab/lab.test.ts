import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import {
  addressFor,
  buildWorld,
  editDomain,
  editHost,
  healthyDomain,
  mailHost,
  policyHost,
  policyText,
} from '../../../src/lab/build-world.ts'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES, certificate, expiringIn } from '../../../src/lab/certificate-spec.ts'
import { startLab } from '../../../src/lab/lab.ts'
import type { LabHost } from '../../../src/lab/world.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { ask, endpointOf, get, ip } from './clients.ts'

const MX = 'mx1.example.com'

/** Processor time: the same on a busy machine as on an idle one. */
function cpuMsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

test('leads to loopback what is open, and says of the rest what the world says', async () => {
  const differs = mailHost('mx2.example.com', {
    addresses: ['192.0.2.2', '192.0.2.3', '2001:db8:0::3'],
    byAddress: { '192.0.2.3': { path: 'timeout' }, '2001:db8:0::3': { path: 'no-route' } },
  })
  await using lab = await startLab(buildWorld({ domains: [healthyDomain('example.com')], hosts: [differs] }))
  const mx = addressFor(MX)
  expect(lab.route(ip(mx), 25)).toMatchObject({ host: '127.0.0.1' })
  expect(lab.route(ip(mx), 25)).toEqual(lab.route(ip(mx), 25))
  expect(lab.route(ip(mx), 443)).toBe('refused')
  expect(lab.route(ip(mx), 80)).toBe('refused')
  expect(lab.route(ip('192.0.2.2'), 25)).toMatchObject({ host: '127.0.0.1' })
  expect(lab.route(ip('192.0.2.3'), 25)).toBe('timeout')
  expect(lab.route(ip('2001:db8::3'), 25)).toBe('no-route')
  expect(lab.route(ip('203.0.113.9'), 25)).toBe('no-route')
  lab.change((world) => editHost(world, MX, { path: 'refused' }))
  expect(lab.route(ip(mx), 25)).toBe('refused')
})

test('a change shows at once, in the DNS and on the wire, and may bring new hosts', async () => {
  await using lab = await startLab(buildWorld({ domains: [healthyDomain('example.com')] }))
  lab.change((world) => editDomain(world, 'example.com', { stsRecord: ['v=STSv1; id=2;'] }))
  expect(await ask(lab.dns, '_mta-sts.example.com')).toBe('NOERROR TXT v=STSv1; id=2;')

  const added = Array.from({ length: 60 }, (_, n) => policyHost(`d${n}.example`))
  lab.change((world) => ({ ...world, hosts: added }))
  const answers = added.map(({ name }) => get(lab, addressFor(name), name))
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['404 text/plain']))
})

const contradictions: readonly (readonly [string, readonly LabHost[]])[] = [
  ['no documentation address', [mailHost(MX, { addresses: ['10.0.0.1'] })]],
  ['no documentation address', [mailHost(MX, { addresses: ['not an address'] })]],
  [
    'must agree',
    [
      mailHost('a.example', { addresses: ['192.0.2.1'] }),
      mailHost('b.example', { addresses: ['192.0.2.1'], smtp: 'silent' }),
    ],
  ],
  [
    'must agree',
    [
      policyHost('a.example', { addresses: ['192.0.2.1'] }),
      mailHost('b.example', { addresses: ['192.0.2.1'], path: 'timeout' }),
    ],
  ],
]

test.each(contradictions)('a world that contradicts itself is refused: %s', async (why, hosts) => {
  await expect(startLab(buildWorld({ hosts }))).rejects.toThrow(why)
  await using lab = await startLab(buildWorld())
  expect(() => lab.change((world) => ({ ...world, hosts }))).toThrow(why)
  expect(lab.world.hosts).toEqual([])
})

test('editing what is not there is a mistake, not a no-op', () => {
  expect(() => editHost(buildWorld(), MX, {})).toThrow(MX)
  expect(() => editDomain(buildWorld(), 'example.com', {})).toThrow('example.com')
})

test('a thousand domains on shared hosts start within seconds', async () => {
  const names = Array.from({ length: 1000 }, (_, n) => `d${n}.example`)
  const domains = names.map((name) => {
    const mx = [{ preference: 10, exchange: 'mx.provider.example' }]
    const host = policyHost(name, { addresses: ['192.0.2.80'] })
    return healthyDomain(name, { mx, policy: { body: policyText({ mx: ['mx.provider.example'] }), host } })
  })
  const began = process.cpuUsage()
  await using lab = await startLab(buildWorld({ domains, hosts: [mailHost('mx.provider.example')] }))
  expect(await ask(lab.dns, '_mta-sts.d999.example')).toContain('v=STSv1')
  expect(cpuMsSince(began)).toBeLessThan(5_000)
  expect(await get(lab, '192.0.2.80', 'mta-sts.d777.example')).toBe('200 text/plain; charset=utf-8')
})

test('disposing closes every listener and every connection, even hanging ones', async () => {
  const lab = await startLab(buildWorld({ hosts: [mailHost(MX, { smtp: 'silent' })] }))
  const endpoint = endpointOf(lab, addressFor(MX), 25)
  const hanging = connect(endpoint)
  await once(hanging, 'connect')
  const closed = once(hanging, 'close')
  await lab[Symbol.asyncDispose]()
  await closed
  for (const { port } of [endpoint, lab.dns, lab.inbox, { port: Number(new URL(lab.slack.url).port) }]) {
    const [error]: NodeJS.ErrnoException[] = await once(connect(port, '127.0.0.1'), 'error')
    expect(error?.code).toBe('ECONNREFUSED')
  }
})

test('a hundred certificates cost seconds at most, and say what was asked', async () => {
  const now = Date.UTC(2026, 0, 1)
  const ca = await CertificateAuthority.create(now)
  const began = process.cpuUsage()
  const hosts = Array.from({ length: 100 }, (_, n) => `mx${n}.example.com`)
  const made = await Promise.all(hosts.map((host) => ca.identity(CERTIFICATES.good, host)))
  expect(cpuMsSince(began)).toBeLessThan(5_000)
  expect(new Set(made.map(({ keyPem }) => keyPem)).size).toBe(100)

  const read = async (spec = CERTIFICATES.good) =>
    new X509Certificate((await ca.identity(spec, 'mx.example.com')).certPem)
  expect((await read()).subjectAltName).toBe('DNS:mx.example.com')
  expect(Date.parse((await read(expiringIn(7))).validTo)).toBe(now + 7 * DAY_MS)
  expect((await read(CERTIFICATES.rsa)).publicKey.asymmetricKeyType).toBe('rsa')
  expect((await read(CERTIFICATES.commonNameOnly)).subjectAltName).toBeUndefined()
  expect((await read(certificate({ key: 'rsa', signer: 'itself' }))).issuer).toBe('CN=mx.example.com')
})
