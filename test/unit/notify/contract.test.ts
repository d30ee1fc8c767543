import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Secret } from '../../../src/lib/secret.ts'
import { MAIL_DEADLINES, smtpTransport } from '../../../src/mail/transport.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import { consoleNotifier } from '../../../src/notify/console.ts'
import { emailNotifier } from '../../../src/notify/email.ts'
import { webhookNotifier } from '../../../src/notify/webhook.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { parseSubmissionUrl } from '../../../src/protocol/smtp/submission-url.ts'
import { notifierContract } from '../../contract/notifier.ts'
import { scriptedServer } from '../mail/scripted-server.ts'
import { wording } from './message-builder.ts'
import { slackStage, TOKEN } from './slack-stage.ts'

const ID = 'ops' as ChannelId

notifierContract('the terminal', async () => ({
  notifier: consoleNotifier(ID, wording(), { write: () => {}, colour: true }),
  secrets: [],
  leave: null,
  [Symbol.asyncDispose]: async () => {},
}))

notifierContract('Slack', async () => {
  const stage = await slackStage()
  const close = atMostOnce(async () => stage[Symbol.asyncDispose]())
  return { notifier: stage.notifier, secrets: [TOKEN], leave: close, [Symbol.asyncDispose]: close }
})

notifierContract('e-mail', async () => {
  const server = await scriptedServer({ capabilities: ['AUTH PLAIN'] })
  const parsed = parseSubmissionUrl(new Secret(`smtp://me:canary-pass@127.0.0.1:${server.port}`))
  if (!parsed.ok) throw new Error(parsed.error)
  const options = { ehloName: 'monitor.example.net', ca: null, deadlines: MAIL_DEADLINES }
  const parties = { from: 'alerts@example.net' as MailAddress, to: ['a@example.com' as MailAddress] }
  const close = atMostOnce(async () => server[Symbol.asyncDispose]())
  return {
    notifier: emailNotifier(ID, parties, smtpTransport(parsed.value, options), wording()),
    secrets: ['canary-pass', '\0me\0canary-pass'],
    leave: close,
    [Symbol.asyncDispose]: close,
  }
})

for (const format of ['json', 'slack', 'teams', 'discord'] as const)
  notifierContract(`a webhook of format ${format}`, async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(204).end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const close = atMostOnce(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    const url = `http://127.0.0.1:${port}/canary-path`
    const target = { url: new Secret(url), format, signingKey: new Secret('canary-key'), timeoutMs: 1_000 }
    return {
      notifier: webhookNotifier(ID, target, wording()),
      secrets: ['canary-path', 'canary-key'],
      leave: close,
      [Symbol.asyncDispose]: close,
    }
  })

/** Leaving and disposing are the same thing: it happens once. */
function atMostOnce(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | null = null
  return () => {
    closed ??= close()
    return closed
  }
}
