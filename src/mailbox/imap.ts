import { ImapFlow, type ImapFlowOptions } from 'imapflow'
import type { Result } from '../lib/result.ts'
import { Secret } from '../lib/secret.ts'
import type { Clock } from '../lib/time.ts'
import type { AfterReading } from '../model/after-reading.ts'
import type { ImapServer } from '../protocol/imap/account-url.ts'
import type { ImapClient } from './imap-client.ts'
import type { ImapDeadlines } from './imap-deadlines.ts'
import { imapFailure, newFailure, type Party } from './imap-failure.ts'
import type { Notice } from './imap-finish.ts'
import { ImapLine } from './imap-line.ts'
import { ImapSession } from './imap-session.ts'
import type { Mailbox, MailboxSession } from './mailbox.ts'

export interface ImapMailboxOptions {
  readonly clock: Clock
  readonly folder: string
  readonly afterReading: AfterReading
  /** Wait for news by IDLE where the server has it. */
  readonly idle: boolean
  /** The OAuth2 access token, asked for at each login; null: by password. */
  readonly accessToken: (() => Result<Secret, string>) | null
  /** PEM roots to trust instead of the system's; null for those. */
  readonly ca: string | null
  readonly deadlines: ImapDeadlines
  /** Told, once each, what the operator should know although reading goes on. */
  readonly notice: Notice
}

const MEBIBYTE = 1024 * 1024

/** S13: what imapflow takes by default would fill the memory (E9). */
const LIMITS = {
  maxLineLength: MEBIBYTE,
  maxLiteralSize: 16 * MEBIBYTE,
  maxResponseSize: 24 * MEBIBYTE,
} as const

/**
 * The folder of TLS reports on an IMAP server. Each session is a connection of its own; nothing is sent before TLS but to
 * this machine itself, `\Seen` is never set, and no failure of the server ends the process (R43).
 */
export function imapMailbox(server: ImapServer, options: ImapMailboxOptions): Mailbox {
  const account = `${server.user}@${server.host}:${server.port}`
  const { folder } = options
  const said = new Set<string>()
  const notice: Notice = (sentence) => {
    if (said.has(sentence)) return
    said.add(sentence)
    options.notice(sentence)
  }
  return {
    account,
    folder,
    open: async (signal) => {
      const login = loginOf(server, options, { account, folder, secrets: [] })
      const party = { account, folder, secrets: spellingsOf(server, login) }
      const line = new ImapLine(newClient(server, options, login), { ...options, party }, signal)
      try {
        return await enter(line, { ...options, notice })
      } catch (error) {
        const failure = imapFailure(error, party)
        line.kill(failure)
        throw failure
      }
    },
  }
}

type Login =
  | { readonly kind: 'password'; readonly secret: Secret }
  | { readonly kind: 'token'; readonly secret: Secret }

function loginOf({ password }: ImapServer, { accessToken }: ImapMailboxOptions, party: Party): Login {
  const token = accessToken?.()
  if (token?.ok === false) throw newFailure('login-refused', token.error, party)
  if (token?.ok === true) return { kind: 'token', secret: token.value }
  if (password === null) throw newFailure('login-refused', 'there is neither a password nor a token', party)
  return { kind: 'password', secret: password }
}

/** Connects, logs in and selects; throws what the line or imapflow throws. */
async function enter(line: ImapLine, options: ImapMailboxOptions): Promise<MailboxSession> {
  const { client, party } = line
  await line.command('logging in', () => client.connect())
  if (![...client.authCapabilities.values()].includes(true)) {
    throw newFailure('login-refused', 'the server took us for somebody without asking for a login', party)
  }
  const readOnly = options.afterReading.kind === 'leave'
  // Never released: it lasts as long as the session.
  await line.command('SELECT', () => client.getMailboxLock(options.folder, { readOnly }))
  // The types of imapflow promise it; a server may leave it out.
  const uidValidity = (client.mailbox || null)?.uidValidity as bigint | undefined
  if (uidValidity === undefined) throw newFailure('server-says-no', 'the folder has no UIDVALIDITY', party)
  return new ImapSession(line, uidValidity, options)
}

function newClient(server: ImapServer, { ca, deadlines }: ImapMailboxOptions, login: Login): ImapClient {
  const client = new ImapFlow({
    ...LIMITS,
    ...securityOf(server, ca),
    host: server.host,
    port: server.port,
    auth:
      login.kind === 'token'
        ? { user: server.user, accessToken: login.secret.reveal() }
        : { user: server.user, pass: login.secret.reveal() },
    connectionTimeout: deadlines.connectMs,
    greetingTimeout: deadlines.greetingMs,
    socketTimeout: deadlines.silenceMs,
    logger: false,
    clientInfo: { name: 'stswatch', version: false, vendor: false, 'support-url': false },
    disableAutoIdle: true,
    maxLockHoldTime: false,
    // Nothing that a compressed answer could blow up to, and no dialect that the server need not speak.
    disableCompression: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    // The default, MD5, is missing where OpenSSL runs in FIPS mode.
    idHashAlgorithm: 'sha256',
  })
  // It is there, and missing in the types.
  return client as ImapFlow & Pick<ImapClient, 'authCapabilities'>
}

/** RFC 8314: TLS always, the certificate checked, except on this machine itself. */
function securityOf({ security }: ImapServer, ca: string | null): Partial<ImapFlowOptions> {
  return {
    secure: security === 'implicit',
    ...(security === 'starttls' ? { doSTARTTLS: true } : {}),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: security !== 'loopback',
      ...(ca === null ? {} : { ca }),
    },
  }
}

/** The secret in the forms in which it goes onto the wire: a server may quote its input (RFC 4616, RFC 7628, XOAUTH2). */
function spellingsOf({ user, host, port }: ImapServer, { kind, secret }: Login): readonly Secret[] {
  const value = secret.reveal()
  const forms =
    kind === 'password'
      ? [value.replace(/["\\]/g, '\\$&'), `\0${user}\0${value}`]
      : [
          `user=${user}\x01auth=Bearer ${value}\x01\x01`,
          `n,a=${user},\x01host=${host}\x01port=${port}\x01auth=Bearer ${value}\x01\x01`,
        ]
  return [...forms.map((form) => new Secret(form)), secret]
}
