import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, dnsFault, healthyDomain, mailHost, policy } from '../../../src/lab/build-world.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { hostIn, type LabProbe, mailDomain, nameOf, QUICK, startLabProbe } from './lab-probe.ts'

const many = Array.from({ length: 45 }, (_, n) => `m${String(n).padStart(2, '0')}.many.test`)
const addresses = Array.from({ length: 12 }, (_, n) => `192.0.2.${100 + n}`)

const world = buildWorld({
  zones: [{ name: 'shared.test', secure: false }],
  domains: [
    healthyDomain('healthy.test', {
      secure: true,
      tlsrptRecord: ['v=TLSRPTv1; rua=mailto:a@healthy.test,mailto:b@null.test,mailto:c@bare.test'],
    }),
    healthyDomain('null.test', mailDomain(['.'])),
    healthyDomain('mixed.test', mailDomain(['.', 'mx.shared.test'])),
    healthyDomain('bare.test', { ...mailDomain([]), addresses: ['192.0.2.10'] }),
    healthyDomain('dnsless.test', mailDomain(['mx.shared.test'])),
    healthyDomain(
      'odd.test',
      mailDomain(['192.0.2.10', 'alias.shared.test', 'no_(good).test', 'nowhere.test']),
    ),
    healthyDomain('many.test', mailDomain(many)),
    healthyDomain('wide.test', mailDomain(['wide.shared.test'])),
    healthyDomain('private.test', mailDomain(['mx.private.test'])),
    healthyDomain('twice.test', {
      ...mailDomain([]),
      mx: [
        { preference: 20, exchange: 'mx.shared.test' },
        { preference: 10, exchange: 'z.shared.test' },
        { preference: 10, exchange: 'mx.shared.test' },
      ],
    }),
    healthyDomain('two-faces.test', {
      ...mailDomain(['mx.shared.test']),
      policy: policy(
        'two-faces.test',
        { mx: ['mx.shared.test'] },
        {
          addresses: ['192.0.2.20', '2001:db8::20', '2001:db8::21'],
          byAddress: {
            '2001:db8::20': { https: { status: 503, headers: {}, body: '' } },
            '2001:db8::21': { path: 'no-route' },
          },
        },
      ),
    }),
  ],
  hosts: [mailHost('mx.shared.test'), mailHost('z.shared.test'), mailHost('wide.shared.test', { addresses })],
  records: [
    { name: 'alias.shared.test', ttlSeconds: 60, type: 'CNAME', target: 'mx.shared.test' },
    {
      name: '_25._tcp.mx1.healthy.test',
      ttlSeconds: 60,
      type: 'TLSA',
      usage: 3,
      selector: 1,
      matching: 1,
      data: '00'.repeat(32),
    },
    ...['127.0.0.1', '10.1.2.3', '169.254.169.254'].map((address) => ({
      name: 'mx.private.test',
      ttlSeconds: 60,
      type: 'A' as const,
      address,
    })),
  ],
  dnsFaults: [dnsFault('dnsless.test', 'servfail', { type: 'MX' })],
})

let kit: LabProbe
beforeAll(async () => {
  kit = await startLabProbe(world)
})
afterAll(() => kit[Symbol.asyncDispose]())

function value<T>(look: Observation<T>): T {
  return look.outcome === 'seen' ? look.value : expect.fail(JSON.stringify(look))
}

/** `name target addresses×sessions` of every host. */
function outline(snapshot: Snapshot): readonly string[] {
  return snapshot.hosts.map(({ name, target, source, addresses: found, sessions }) =>
    `${name} ${source} ${target} ${found.outcome} ${sessions.map(({ smtp }) => smtp.outcome).join()}`.trim(),
  )
}

describe('a healthy domain', () => {
  let snapshot: Snapshot
  beforeAll(async () => {
    snapshot = await kit.look('healthy.test')
  })

  test('shows its records, its policy and its verified mail host', () => {
    expect(value(snapshot.stsRecord).records).toEqual(['v=STSv1; id=20260101T000000Z;'])
    expect(snapshot.policyHost.name).toBe('mta-sts.healthy.test')
    const [fetch] = snapshot.policyHost.fetches
    expect(fetch && value(fetch.response)).toMatchObject({
      status: 200,
      contentType: expect.stringContaining('text/plain'),
    })
    expect(outline(snapshot)).toEqual(['mx1.healthy.test mx host seen seen'])
    expect(snapshot).toMatchObject({ domain: 'healthy.test', id: expect.stringMatching(/^snap_/) })
  })

  test('has its TLSA records asked for because its addresses are secure', () => {
    expect(value(hostIn(snapshot, 'mx1.healthy.test').tlsa).records).toEqual([`3 1 1 ${'00'.repeat(32)}`])
  })

  test('has the domains looked at that its reports go to', () => {
    expect(
      snapshot.ruaDomains.map(({ name, mx, addresses: found }) => `${name} ${mx.outcome} ${found.outcome}`),
    ).toEqual(['healthy.test seen skipped', 'null.test seen skipped', 'bare.test absent seen'])
  })

  test('is told of the name this machine has and of the host it means', () => {
    const [entry] = kit.lab.journal.smtp
    expect(entry).toMatchObject({ ehloName: 'probe.example.org', sni: 'mx1.healthy.test', quit: true })
    expect(entry?.commands.map((command) => command.split(' ')[0])).toEqual([
      'EHLO',
      'STARTTLS',
      'EHLO',
      'QUIT',
    ])
  })
})

describe('where the MX records point', () => {
  test.each([
    ['null.test', []],
    ['mixed.test', ['mx.shared.test mx host seen seen']],
    ['bare.test', ['bare.test implicit host seen failed']],
    ['missing.test', []],
    ['dnsless.test', []],
    [
      'odd.test',
      [
        '192.0.2.10 mx address-literal skipped',
        'alias.shared.test mx host seen seen',
        'no_(good).test mx malformed skipped',
        'nowhere.test mx host absent',
      ],
    ],
    ['twice.test', ['mx.shared.test mx host seen seen', 'z.shared.test mx host seen seen']],
    ['private.test', ['mx.private.test mx host seen failed,failed,failed']],
  ])('%s: %j', async (domain, expected) => {
    expect(outline(await kit.look(domain))).toEqual(expected)
  })

  test('an alias is told by the chain of its address answer, and its TLSA records are looked for at its own name when insecure', async () => {
    const host = hostIn(await kit.look('odd.test'), 'alias.shared.test')
    expect(value(host.addresses).cnames).toEqual(['mx.shared.test'])
    expect([host.tlsa.outcome, host.tlsaBase]).toEqual(['absent', null])
    const asked = kit.lab.journal.dns.filter(({ type }) => type === 'TLSA').map(({ name }) => name)
    expect(asked).toContain('_25._tcp.alias.shared.test')
  })

  test('private addresses are told and sent nothing', async () => {
    const { sessions } = hostIn(await kit.look('private.test'), 'mx.private.test')
    expect(sessions.map(({ smtp }) => smtp.outcome === 'failed' && smtp.fault.kind)).toEqual(
      sessions.map(() => 'address-denied'),
    )
  })

  test('what lies beyond the limits is told as skipped', async () => {
    const hosts = (await kit.look('many.test')).hosts
    expect(hosts).toHaveLength(many.length)
    expect(hosts.filter((host) => host.addresses.outcome === 'skipped').map((host) => host.name)).toEqual(
      many.slice(QUICK.counts.mxHosts),
    )
    const { sessions } = hostIn(await kit.look('wide.test'), 'wide.shared.test')
    const asked = QUICK.counts.addressesPerHost
    expect(sessions.map(({ smtp }) => smtp.outcome)).toEqual(
      addresses.map((_, n) => (n < asked ? 'seen' : 'skipped')),
    )
  })
})

test('a policy is fetched from every address on its own', async () => {
  const { fetches } = (await kit.look('two-faces.test')).policyHost
  expect(
    fetches.map(({ address, tls, response }) => [
      address,
      tls.outcome === 'failed' ? tls.fault : tls.outcome,
      response.outcome === 'seen' ? response.value.status : response.outcome,
    ]),
  ).toEqual([
    ['192.0.2.20', 'seen', 200],
    ['2001:db8::20', 'seen', 503],
    ['2001:db8::21', expect.objectContaining({ kind: 'no-route', blame: 'local' }), 'skipped'],
  ])
})

describe('canaries', () => {
  test.each([
    ['dns', 'healthy.test', 'seen'],
    ['dns', 'missing.test', 'failed'],
    ['dns', 'dnsless.test', 'failed'],
    ['dnssec', 'healthy.test', 'seen'],
    ['dnssec', 'missing.healthy.test', 'seen'],
    ['dnssec', 'bare.test', 'failed'],
    ['dnssec', 'dnsless.test', 'failed'],
    ['smtp', 'mx.shared.test', 'seen'],
    ['smtp', 'mx.private.test', 'failed'],
    ['smtp', 'missing.test', 'failed'],
    ['https', 'mta-sts.healthy.test', 'seen'],
    ['https', 'mx.shared.test', 'failed'],
  ] as const)('%s %s: %s', async (protocol, name, outcome) => {
    const look = await kit.probe.canary(protocol, nameOf(name), new AbortController().signal)
    expect(look.outcome).toBe(outcome)
  })
})
