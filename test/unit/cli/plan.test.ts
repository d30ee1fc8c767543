import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { type PlanRequest, planCommand } from '../../../src/cli/plan.ts'
import { dnsFault, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import type { World as LabWorld } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { DEFAULT_LIMITS } from '../../../src/probe/limits.ts'
import { capturedIo } from './captured-io.ts'
import { checkLab } from './check-lab.ts'

let lab: Awaited<ReturnType<typeof checkLab>>
beforeAll(async () => {
  lab = await checkLab([healthyDomain('a.example')])
  lab.lab.change((world: LabWorld) => ({ ...world, hosts: [...world.hosts, mailHost('mx9.a.example')] }))
})
afterAll(() => lab[Symbol.asyncDispose]())

const REQUEST: Omit<PlanRequest, 'configFile'> = {
  kind: 'change-mx',
  domain: 'a.example',
  newHosts: ['mx9.a.example'],
  host: null,
  nextCert: null,
  nextKey: null,
  watch: false,
  channel: null,
  json: false,
  resolvers: [],
}

async function ask(
  parts: Partial<PlanRequest> = {},
  env: Record<string, string> = {},
  stop: AbortSignal | null = null,
) {
  const { io, said } = capturedIo({ env: { DATABASE_FILE: join(lab.directory, 'none.db'), ...env } })
  const world = { route: lab.lab.route, roots: [lab.lab.caPem], limits: DEFAULT_LIMITS }
  const request = { ...REQUEST, configFile: join(lab.directory, 'watch.yaml'), ...parts }
  const status = await planCommand(request, io, { world, clock: systemClock, stop, smtpCa: null })
  return { status, ...said }
}

describe('plan', () => {
  it('of a domain that nobody watched says what it does not know', async () => {
    const { status, out } = await ask()
    expect(out).toMatch(
      /^a\.example: change the MX hosts, 1 of 7 steps done\n\n {4}Which policies were served before the first look is not known\./,
    )
    expect(out).toContain('Copies of the policy with mx mx1.a.example alone (mode enforce) live until 20')
    expect(out).toContain('MX 10 mx9.a.example.')
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(status).toBe(0)
  })

  it('as JSON has the steps with their instants', async () => {
    const { status, out } = await ask({ json: true })
    const plan = JSON.parse(out)
    expect(plan).toMatchObject({ kind: 'change-mx', domain: 'a.example', state: 'next', tooEarly: [] })
    expect(plan.steps[3]).toMatchObject({
      id: 'mx',
      state: { name: 'later' },
      waits: [{ kind: 'held-policies', mode: 'enforce' }],
    })
    expect(plan.steps[3].earliestAt).toBeGreaterThan(systemClock.now())
    expect(status).toBe(0)
  })

  it('that is done says so and stops watching', async () => {
    const { status, out } = await ask({ kind: 'publish', newHosts: [], watch: true })
    expect(out).toMatch(/^a\.example: publish MTA-STS, 5 of 5 steps done\n/)
    expect(status).toBe(0)
  })

  it('has status 3 for what could not be found out', async () => {
    lab.lab.change((world: LabWorld) => ({
      ...world,
      dnsFaults: [dnsFault('_mta-sts.a.example', 'servfail')],
    }))
    const { status, out } = await ask({ kind: 'publish', newHosts: [] })
    lab.lab.change((world: LabWorld) => ({ ...world, dnsFaults: [] }))
    expect(out).toMatch(/\? 5\. Publish the record.*\n +could not be found out:/)
    expect(status).toBe(3)
  })

  it('watches until it is told to stop', async () => {
    const stop = new AbortController()
    const asked = ask({ watch: true }, {}, stop.signal)
    setImmediate(() => stop.abort())
    expect((await asked).status).toBe(3)
  })

  it('refuses a channel that there is not, and names those that there are', async () => {
    const { status, err } = await ask({ channel: 'nobody', watch: true })
    expect([status, err]).toEqual([
      2,
      expect.stringContaining('no channel nobody that works; the watch list has: console'),
    ])
  })

  it.each<[string, Partial<PlanRequest>, RegExp]>([
    ['no name', { domain: 'a b' }, /"a b" is no domain name/],
    ['no host name', { newHosts: ['x y'] }, /"x y" is no host name/],
    ['no hosts', { newHosts: [] }, /name the MX hosts after the change/],
    ['roll-tlsa without a host', { kind: 'roll-tlsa' }, /name the MX host of a\.example with --host/],
    ['roll-tlsa without a key', { kind: 'roll-tlsa', host: 'mx1.a.example' }, /--next-cert FILE/],
    [
      'a file that is not there',
      { kind: 'roll-tlsa', host: 'mx1.a.example', nextCert: '/nowhere.pem' },
      /--next-cert \/nowhere\.pem: /,
    ],
    ['a channel without --watch', { channel: 'console' }, /--channel goes with --watch/],
    ['no resolver', { resolvers: ['x'] }, /--resolver x: write an address and a port/],
  ])('refuses %s', async (_, parts, complaint) => {
    const { status, out, err } = await ask(parts)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
  })

  it.each(['publish', 'enforce', 'change-mx', 'retire', 'roll-tlsa'])(
    '%s has help with examples',
    async (kind) => {
      const { io, said } = capturedIo()
      expect(await cli(['plan', kind, '--help'], io)).toBe(0)
      expect(said.out).toMatch(
        new RegExp(`--watch[^]*Exit status: 0, 1 [^]*Examples:\n {2}stswatch plan ${kind} `),
      )
    },
  )
})
