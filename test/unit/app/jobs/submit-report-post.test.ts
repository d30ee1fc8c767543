import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Reporter } from '../../../../src/app/reporter.ts'
import { editHost, redirectTo, webHost } from '../../../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../../../src/lab/certificate-spec.ts'
import type { HttpsMode, World } from '../../../../src/lab/world.ts'
import { AGAIN, type Case, expectLeft, REFUSED, SENT } from './report-case.ts'
import { ENDPOINT, ok, reportDesk, reportLab, withRecords } from './report-desk.ts'

const HTTPS = 'https://reports.example/v1/tlsrpt'

let here: Awaited<ReturnType<typeof reportLab>>
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here.lab[Symbol.asyncDispose]())
beforeEach(() => here.lab.change(() => here.healthy))

const at = (https: HttpsMode) => (world: World) => editHost(world, 'reports.example', { https })
const bearing = (name: keyof typeof CERTIFICATES) => (world: World) =>
  editHost(world, 'reports.example', { certificate: CERTIFICATES[name] })
const IGNORE = { reports: { https_certificates: 'ignore' } }

/** The minute that an endpoint has, shortened: its connection fails as it does at the deadline. */
function impatient(reporter: Reporter): Reporter {
  const open: Reporter['door']['open'] = async (host, signal) => {
    const socket = await reporter.door.open(host, signal)
    return socket.setTimeout(150, () => socket.destroy(new Error('no answer in time')))
  }
  return { ...reporter, door: { open } }
}

const POST: readonly Case[] = [
  {
    what: '200',
    left: SENT,
    note: /^reports\.example answered 200 thank you; its certificate is valid until \d{4}-\d\d-\d\d \(0\.\d s\)$/,
    routed: [`${ENDPOINT} 443`],
  },
  {
    what: 'a redirect is not followed',
    world: (world) => ({
      ...at(redirectTo('https://elsewhere.example/'))(world),
      hosts: [
        ...at(redirectTo('https://elsewhere.example/'))(world).hosts,
        webHost('elsewhere.example', { addresses: ['198.51.100.9'], https: ok() }),
      ],
    }),
    left: REFUSED,
    note: 'reports.example answered 301',
    routed: [`${ENDPOINT} 443`],
  },
  {
    what: '404',
    world: at(ok(404, 'no such thing')),
    left: REFUSED,
    note: 'reports.example answered 404 no such thing',
  },
  {
    what: '429',
    world: at(ok(429, 'slow down')),
    left: AGAIN,
    note: 'reports.example answered 429 slow down',
  },
  { what: '500', world: at(ok(500, 'oops')), left: AGAIN, note: 'reports.example answered 500 oops' },
  {
    what: 'it takes the connection and is silent',
    world: at('hang-after-connect'),
    options: { handshakeMs: 150 },
    left: AGAIN,
    note: /^reports\.example: .*TLS/,
  },
  {
    what: 'it shakes hands and is silent',
    world: at('hang-after-handshake'),
    options: { through: impatient },
    left: AGAIN,
    note: 'reports.example: no answer in time',
  },
  {
    what: 'an expired certificate',
    world: bearing('expired'),
    left: AGAIN,
    note: /^reports\.example: certificate has expired/,
  },
  {
    what: 'an expired certificate, to be ignored',
    world: bearing('expired'),
    options: IGNORE,
    left: SENT,
    note: /answered 200 thank you; its certificate does not verify \(/,
  },
  {
    what: 'a certificate for another name',
    world: bearing('wrongName'),
    left: AGAIN,
    note: /^reports\.example: .*other\.invalid/,
  },
  {
    what: 'a certificate for another name, to be ignored',
    world: bearing('wrongName'),
    options: IGNORE,
    left: SENT,
    note: /answered 200 thank you; its certificate does not verify \(/,
  },
  {
    what: 'its name leads inside',
    world: (world) =>
      withRecords({ ...world, hosts: [] }, [
        { name: 'reports.example', ttlSeconds: 60, type: 'A', address: '127.0.0.1' },
        { name: 'reports.example', ttlSeconds: 60, type: 'A', address: '169.254.169.254' },
      ]),
    left: AGAIN,
    note: /^reports\.example: .* is not a public address; nothing was sent$/,
    routed: [],
  },
  {
    what: 'an address in place of a name',
    options: { rua: 'https://198.51.100.1/' },
    left: AGAIN,
    note: /198\.51\.100\.1 is no host name/,
    routed: [],
  },
  {
    what: 'another port',
    options: { rua: 'https://reports.example:8443/' },
    left: REFUSED,
    note: 'https://reports.example:8443/: reports are sent to port 443 alone',
    routed: [],
  },
  {
    what: 'its name is gone',
    world: (world) => ({ ...world, hosts: [] }),
    left: AGAIN,
    note: 'reports.example: reports.example has no address',
    routed: [],
  },
]

describe('by POST', () => {
  test.each(POST)('$what', async (one) => {
    if (one.world !== undefined) here.lab.change(one.world)
    await using desk = await reportDesk(here, { rua: HTTPS, ...one.options })
    await expectLeft(desk, one)
    // No connection is left behind.
    await expect.poll(() => here.lab.journal.https.filter(({ ended }) => !ended)).toEqual([])
  })
})
