import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { buildWorld, healthyDomain, mailHost, policy } from '../../../src/lab/build-world.ts'
import type { Resolver } from '../../../src/model/dns.ts'
import { createAddressGuard } from '../../../src/probe/address-guard.ts'
import { createNetwork } from '../../../src/probe/network.ts'
import { type IpAddress, parseIpAddress } from '../../../src/protocol/ip-address.ts'
import { hostIn, LAB_ADDRESSES, mailDomain, QUICK, startLabProbe } from './lab-probe.ts'

const signal = new AbortController().signal
/** Long enough for a busy machine. */
const SOON = { timeout: 20_000 }

function address(text: string): IpAddress {
  return parseIpAddress(text) ?? expect.fail(text)
}

/** A listener that must never be met, and how often it was. */
async function startTrap() {
  let met = 0
  const server = createServer((socket) => {
    met += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, met: () => met, [Symbol.asyncDispose]: async () => void server.close() }
}

describe('the network', () => {
  test.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00:ec2::254', '192.0.2.1'])(
    'dials nothing for %s',
    async (text) => {
      const dialled: string[] = []
      const route = (to: IpAddress) => {
        dialled.push(to)
        return 'refused' as const
      }
      const network = createNetwork({ guard: createAddressGuard([]), route })
      await expect(network.connect(address(text), 25, { signal, timeoutMs: 100 })).rejects.toMatchObject({
        fault: { kind: 'address-denied', blame: 'remote' },
      })
      expect(dialled).toEqual([])
    },
  )

  test('reaches a loopback address only when it is allowed, and tells a closed port', async () => {
    const network = createNetwork({ guard: createAddressGuard(['127.250.250.250']), route: null })
    await expect(
      network.connect(address('127.250.250.250'), 443, { signal, timeoutMs: 500 }),
    ).rejects.toMatchObject({
      fault: { kind: 'connect-refused', blame: 'remote' },
    })
  })

  test.each([
    ['deadline', AbortSignal.abort()],
    ['deadline', AbortSignal.timeout(30)],
    ['connect-timeout', signal],
  ])('gives up with %s', async (kind, stop) => {
    const network = createNetwork({ guard: createAddressGuard([]), route: () => 'timeout' })
    await expect(
      network.connect(address('9.9.9.9'), 25, { signal: stop, timeoutMs: 200 }),
    ).rejects.toMatchObject({
      fault: { kind },
    })
  })
})

describe('a look', () => {
  test('dials exactly the addresses it checked, though the DNS changes its mind (rebinding)', async () => {
    const rebound: string[] = []
    const wrapResolver = (resolver: Resolver): Resolver => ({
      ...resolver,
      async addresses(name, stop) {
        const look = await resolver.addresses(name, stop)
        if (look.outcome !== 'seen') return look
        // The first answer is public, every later one private; each is mixed with the metadata address.
        const repeated = rebound.includes(name)
        rebound.push(name)
        const own = repeated ? [address('127.0.0.1')] : look.value.records
        return {
          ...look,
          value: { ...look.value, ttlSeconds: 0, records: [...own, address('169.254.169.254')] },
        }
      },
    })
    const dialled: string[] = []
    const world = buildWorld({ domains: [healthyDomain('example.test')] })
    await using kit = await startLabProbe(world, { wrapResolver, dialled: (to) => dialled.push(to) })
    const first = await kit.look('example.test')
    const met = hostIn(first, 'mx1.example.test').sessions.map(({ smtp }) => smtp.outcome)
    expect(met).toEqual(['seen', 'failed'])
    const before = [...dialled]
    await kit.look('example.test')
    expect(dialled).toEqual(before)
    expect(before.every((to) => createAddressGuard(LAB_ADDRESSES).permits(address(to)))).toBe(true)
    expect(before).toHaveLength(2)
  })

  test('takes no proxy from the environment and follows no redirect to this machine', async () => {
    await using trap = await startTrap()
    const home = `http://127.0.0.1:${trap.port}`
    const redirects = [301, 302, 307, 308].map((status) => ({
      status,
      headers: { location: home },
      body: '',
    }))
    const domains = redirects.map((https) =>
      healthyDomain(`r${https.status}.test`, { policy: policy(`r${https.status}.test`, {}, { https }) }),
    )
    await using kit = await startLabProbe(buildWorld({ domains }))
    const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : home
    const looks = await Promise.all(domains.map(({ name }) => kit.look(name)))
    for (const name of names) delete process.env[name]
    const statuses = looks.map(({ policyHost: { fetches } }) =>
      fetches.map(({ response }) => (response.outcome === 'seen' ? response.value.status : response.outcome)),
    )
    expect(statuses).toEqual([[301], [302], [307], [308]])
    expect(trap.met()).toBe(0)
  })
})

describe('politeness', () => {
  test('forty domains on one mail host cost it one session', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `d${n}.test`)
    const domains = names.map((name) => healthyDomain(name, mailDomain(['mx.shared.test'])))
    await using kit = await startLabProbe(buildWorld({ domains, hosts: [mailHost('mx.shared.test')] }))
    const looks = await Promise.all(names.map((name) => kit.look(name, 60_000)))
    expect(kit.lab.journal.smtp).toHaveLength(1)
    expect(new Set(looks.map((look) => JSON.stringify(hostIn(look, 'mx.shared.test').sessions))).size).toBe(1)
  })
})

test('hundreds of looks that time out leave no handle behind', async () => {
  const hosts = Array.from({ length: 40 }, (_, n) => mailHost(`silent${n}.test`, { smtp: 'silent' }))
  const domain = healthyDomain('example.test', {
    ...mailDomain(hosts.map((host) => host.name)),
    hosts,
    policy: policy('example.test', {}, { https: 'hang-after-connect' }),
  })
  const limits = {
    ...QUICK,
    handshakeMs: 60,
    smtp: { ...QUICK.smtp, greetingMs: 60, quitMs: 30, atOnce: 40 },
  }
  await using kit = await startLabProbe(buildWorld({ domains: [domain] }), { limits })
  await kit.look('example.test')
  const handles = () =>
    process
      .getActiveResourcesInfo()
      .filter((kind) => /^(TCPSocketWrap|UDPWrap|TLSWrap|TCPConnectWrap)$/.test(kind)).length
  await expect.poll(() => kit.lab.journal.smtp.every((entry) => entry.ended), SOON).toBe(true)
  const baseline = handles()
  for (let round = 0; round < 5; round += 1) await kit.look('example.test')
  await expect.poll(() => kit.lab.journal.smtp.every((entry) => entry.ended), SOON).toBe(true)
  expect(kit.lab.journal.smtp).toHaveLength(240)
  await expect.poll(() => Math.abs(handles() - baseline), SOON).toBeLessThanOrEqual(2)
})
