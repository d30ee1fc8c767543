import { once } from 'node:events'
import { connect } from 'node:net'
import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
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

const DEADLINES = { setupMs: 2_000, greetingMs: 500, silenceMs: 500, totalMs: 10_000 }
const MAIL = {
  from: 'tls-reports@monitor.example' as MailAddress,
  to: ['reports@example.com' as MailAddress],
  raw: 'Subject: x\r\n\r\na report\r\n',
}
const signal = new AbortController().signal

function exchanger(name: string, port: number): MailExchanger {
  return {
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

test('TLS is used where it is offered, whatever its certificate is worth', async () => {
  const ca = await CertificateAuthority.create(systemClock.now())
  const { certPem, keyPem } = await ca.identity(CERTIFICATES.expired, 'other.invalid')
  const context = createSecureContext({ cert: certPem, key: keyPem })
  await using server = await scriptedServer({ capabilities: ['STARTTLS'] }, { context, implicit: false })
  expect(await send(exchanger('mx1', server.port))).toMatchObject({ outcome: 'accepted' })
  expect(server.commands).toContain('STARTTLS')
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
