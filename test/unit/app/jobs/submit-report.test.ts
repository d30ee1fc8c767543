import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { editDomain } from '../../../../src/lab/build-world.ts'
import type { World } from '../../../../src/lab/world.ts'
import { scriptedServer } from '../../mail/scripted-server.ts'
import { AGAIN, type Case, expectLeft, REFUSED, SENT } from './report-case.ts'
import { MX1, MX2, reportDesk, reportLab, SHORT, withRecords } from './report-desk.ts'

let here: Awaited<ReturnType<typeof reportLab>>
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here.lab[Symbol.asyncDispose]())
beforeEach(() => here.lab.change(() => here.healthy))

const withMx =
  (...mx: World['domains'][number]['mx']) =>
  (world: World) =>
    editDomain(world, 'example.com', { mx })

const ONE_MX = withMx({ preference: 10, exchange: 'mx1.example.com' })

const MAIL: readonly Case[] = [
  {
    what: 'it is taken',
    left: SENT,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued \(0\.\d s\)$/,
    routed: [`${MX1} 25`],
  },
  {
    what: 'the recipient is refused',
    first: { rcpt: { '*': '550 5.1.1 no such user' } },
    left: REFUSED,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: .*550 5\.1\.1 no such user/,
    routed: [`${MX1} 25`],
  },
  {
    what: 'the mail itself is refused',
    first: { end: '554 5.7.1 we want no reports' },
    left: REFUSED,
    note: /^mx1\.example\.com .*554 5\.7\.1 we want no reports/,
  },
  {
    what: 'all hosts greylist',
    first: { rcpt: { '*': '450 4.7.1 come back later' } },
    second: { rcpt: { '*': '451 4.7.1 so say we' } },
    left: AGAIN,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: .*450 4\.7\.1 come back later; mx2\.example\.com \[192\.0\.2\.2\]: .*451 4\.7\.1 so say we/,
    routed: [`${MX1} 25`, `${MX2} 25`],
  },
  {
    what: 'the first host is dead',
    isDead: true,
    left: SENT,
    note: /^mx2\.example\.com \[192\.0\.2\.2\]: 250 2\.0\.0 queued /,
    routed: [`${MX1} 25`, `${MX2} 25`],
  },
  {
    what: 'it never greets',
    world: ONE_MX,
    first: { greeting: 'hang' },
    options: { deadlines: SHORT },
    left: AGAIN,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: .*[Gg]reeting/,
  },
  {
    what: 'it greets and stops',
    world: ONE_MX,
    first: { mail: 'hang' },
    options: { deadlines: SHORT },
    left: AGAIN,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: /,
  },
  {
    what: 'it offers TLS, and the handshake breaks: in the clear',
    first: { capabilities: ['STARTTLS'] },
    options: { deadlines: SHORT },
    left: SENT,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued \(0\.\d s\)$/,
  },
  {
    what: 'it offers TLS, and hangs in the handshake: in the clear',
    first: { capabilities: ['STARTTLS'], starttls: 'hang' },
    options: { deadlines: SHORT },
    left: SENT,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued \(0\.\d s\)$/,
  },
  {
    what: 'its TLS is broken, and it wants nothing else',
    world: ONE_MX,
    first: {
      capabilities: ['STARTTLS'],
      starttls: 'close',
      mail: '530 5.7.0 Must issue a STARTTLS command first',
    },
    left: AGAIN,
    note: /^mx1\.example\.com .*; and without TLS: mx1\.example\.com .*530 5\.7\.0 Must issue/,
  },
  {
    what: 'it offers TLS, and refuses to begin it: in the clear',
    first: { capabilities: ['STARTTLS'], starttls: '454 4.7.0 not now' },
    left: SENT,
    note: /^mx1\.example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued \(0\.\d s\)$/,
  },
  {
    what: 'a null MX',
    world: withMx({ preference: 0, exchange: '.' }),
    left: REFUSED,
    note: 'example.com takes no mail (null MX)',
    routed: [],
  },
  {
    what: 'no MX: the domain itself is the host',
    world: (world) => editDomain(world, 'example.com', { mx: [], hosts: [], addresses: [MX1] }),
    left: SENT,
    note: /^example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued /,
    routed: [`${MX1} 25`],
  },
  {
    what: 'neither MX nor address',
    world: withMx(),
    left: REFUSED,
    note: 'no mail host of example.com has an address',
    routed: [],
  },
  {
    what: 'nothing but private addresses',
    world: (world) =>
      withRecords(withMx({ preference: 10, exchange: 'inside.example.com' })(world), [
        { name: 'inside.example.com', ttlSeconds: 60, type: 'A', address: '10.1.2.3' },
        { name: 'inside.example.com', ttlSeconds: 60, type: 'AAAA', address: 'fd00::25' },
      ]),
    left: AGAIN,
    note: /^inside\.example\.com \[.*\]: .* is not a public address; nothing was sent$/,
    routed: [],
  },
  {
    what: 'the DNS is silent',
    world: (world) => ({
      ...world,
      dnsFaults: [{ at: 'example.com', type: 'MX', resolver: 'all', fault: 'servfail' }],
    }),
    left: AGAIN,
    note: /example\.com/,
    routed: [],
  },
]

describe('by mail, straight to the mail hosts', () => {
  test.each(MAIL)('$what', async (one) => {
    const { first, second, isDead, world, options, left } = one
    if (world !== undefined) here.lab.change(world)
    await using mx1 = await scriptedServer(first)
    await using mx2 = await scriptedServer(second)
    const mail = { ...(isDead ? {} : { [MX1]: mx1 }), [MX2]: mx2 }
    await using desk = await reportDesk(here, { mail, ...options })
    await expectLeft(desk, one)
    if (left.state === 'sent') expect([...mx1.mails, ...mx2.mails]).toHaveLength(1)
    expect(desk.held()).toBeUndefined()
  })
})
