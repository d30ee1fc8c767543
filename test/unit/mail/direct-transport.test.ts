import { once } from 'node:events'
import { connect } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { beforeAll, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { systemClock } from '../../../src/lib/time.ts'
import {
  directTransport,
  type FoundExchangers,
  type MailExchanger,
} from '../../../src/mail/direct-transport.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { scriptedServer } from './scripted-server.ts'

const DEADLINES = { setupMs: 500, greetingMs: 500, silenceMs: 500, totalMs: 10_000 }
const MAIL = {
  from: 'tls-reports@monitor.example' as MailAddress,
  to: ['reports@example.com' as MailAddress],
  raw: 'Subject: x\r\n\r\na report\r\n',
}
const signal = new AbortController().signal

function exchanger(name: string, port: number): MailExchanger {
  return {
    name: `${name}.example.com`,
    label: `${name} [127.0.0.1]`,
    async connect() {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
  }
}

async function send(...exchangers: readonly MailExchanger[]) {
  return await through({ outcome: 'found', exchangers })
}

async function through(found: FoundExchangers) {
  const transport = directTransport({
    ehloName: 'monitor.example',
    deadlines: DEADLINES,
    find: async (domain) => {
      expect(domain).toBe('example.com')
      return found
    },
  })
  return await transport.send(MAIL, signal)
}

test('the mail goes to the first host that takes it, and what that said is told', async () => {
  await using busy = await scriptedServer({ greeting: '421 busy' })
  await using good = await scriptedServer()
  await using third = await scriptedServer()
  const sent = await send(
    exchanger('mx1', busy.port),
    exchanger('mx2', good.port),
    exchanger('mx3', third.port),
  )
  expect(sent).toMatchObject({ outcome: 'accepted', note: 'mx2 [127.0.0.1]: 250 2.0.0 queued' })
  expect(good.mails).toEqual(['Subject: x\r\n\r\na report\r\n'])
  expect(third.commands).toEqual([])
})

let identity: { readonly cert: string; readonly key: string }
beforeAll(async () => {
  const ca = await CertificateAuthority.create(systemClock.now())
  const { certPem: cert, keyPem: key } = await ca.identity(CERTIFICATES.expired, 'other.invalid')
  identity = { cert, key }
})

test('TLS is used where it is offered, whatever its certificate is worth, and asks for the host by its name', async () => {
  const context = createSecureContext(identity)
  await using server = await scriptedServer({ capabilities: ['STARTTLS'] }, { context, implicit: false })
  expect(await send(exchanger('mx1', server.port))).toMatchObject({ outcome: 'accepted' })
  expect(server.commands).toContain('STARTTLS')
  expect(server.serverNames).toEqual(['mx1.example.com'])
})

// OpenSSL would not speak anything so old without being asked twice.
const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
const BROKEN: readonly (readonly [string, string, (() => SecureContext) | null])[] = [
  ['speaks TLS 1.1 at most', '220 go ahead', () => createSecureContext({ ...identity, ...OLD })],
  ['falls silent in the handshake', '220 go ahead', null],
  ['has none just now', '454 4.7.0 TLS not available due to local problem', null],
]

test.each(BROKEN)('a host that offers TLS and %s gets the mail without', async (_, starttls, context) => {
  const tls = context === null ? null : { context: context(), implicit: false }
  await using server = await scriptedServer({ capabilities: ['STARTTLS'], starttls }, tls)
  expect(await send(exchanger('mx1', server.port))).toMatchObject({ outcome: 'accepted' })
  expect(server.mails).toEqual([MAIL.raw])
})

test('a host that takes no mail without TLS, and whose TLS is broken, is tried again later', async () => {
  const mail = '530 5.7.0 Must issue a STARTTLS command first'
  const context = createSecureContext({ ...identity, ...OLD })
  await using old = await scriptedServer({ capabilities: ['STARTTLS'], mail }, { context, implicit: false })
  await using none = await scriptedServer({ mail })
  expect(await send(exchanger('mx1', old.port))).toMatchObject({
    outcome: 'retry',
    error: expect.stringMatching(/alert number 70; and without TLS: .*530 5\.7\.0 Must issue/),
  })
  expect(await send(exchanger('mx1', none.port))).toMatchObject({ outcome: 'retry' })
  expect([...old.mails, ...none.mails]).toEqual([])
})

test('a refusal ends it, even when there are more hosts', async () => {
  await using first = await scriptedServer({ rcpt: { '*': '550 5.1.1 unknown' } })
  await using second = await scriptedServer()
  const sent = await send(exchanger('mx1', first.port), exchanger('mx2', second.port))
  expect(sent).toMatchObject({ outcome: 'rejected', code: 'smtp_550' })
  expect(second.mails).toEqual([])
})

test('greylisting and hosts that cannot be reached are tried again later', async () => {
  await using grey = await scriptedServer({ rcpt: { '*': '451 4.7.1 greylisted' } })
  const dead: MailExchanger = {
    name: 'mx0.example.com',
    label: 'mx0',
    connect: () => Promise.reject(new Error('refused the connection')),
  }
  expect(await send(dead, exchanger('mx1', grey.port))).toMatchObject({
    outcome: 'retry',
    error: expect.stringContaining('451 4.7.1 greylisted'),
  })
  expect(await send(dead)).toEqual({ outcome: 'retry', error: 'mx0: refused the connection' })
})

test('a server that falls silent after the mail was handed over may have it', async () => {
  await using server = await scriptedServer({ end: 'hang' })
  expect(await send(exchanger('mx1', server.port))).toMatchObject({ outcome: 'ambiguous' })
})

test('a domain without mail hosts refuses, one that cannot be looked up is asked again', async () => {
  expect(await through({ outcome: 'none', why: 'null MX' })).toEqual({
    outcome: 'rejected',
    code: 'smtp_no_mx',
    error: 'null MX',
  })
  expect(await through({ outcome: 'unknown', why: 'SERVFAIL' })).toEqual({
    outcome: 'retry',
    error: 'SERVFAIL',
  })
})
