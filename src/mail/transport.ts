import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection'
import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { MailAddress } from '../protocol/mail-address.ts'
import type { SmtpServer } from '../protocol/smtp/submission-url.ts'
import { SmtpAttempt, type SmtpLogin } from './smtp-attempt.ts'
import { type SmtpError, smtpFailure } from './smtp-failure.ts'

/** A message ready for the wire and whom it goes to; the headers are not consulted. */
export interface OutgoingMail {
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  /** As composeMail gives it. */
  readonly raw: string
}

export type MailOutcome =
  /** `refused` has one line a recipient that the server would not take; the others have the message. `note`: what the server said. */
  | { readonly outcome: 'accepted'; readonly refused: readonly string[]; readonly note: string }
  | { readonly outcome: 'retry'; readonly error: string }
  /** The message was handed over, its acceptance was not heard: it may arrive (R65). */
  | { readonly outcome: 'ambiguous'; readonly error: string }
  /** Refused for good; `code` is stable, e.g. `smtp_550_rcpt`. */
  | { readonly outcome: 'rejected'; readonly code: string; readonly error: string }

export interface MailTransport {
  /** One attempt over a connection of its own. Never rejects for what the network or the server does. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailOutcome>
}

export interface MailTransportOptions {
  /** The name given in EHLO. */
  readonly ehloName: string
  /** PEM roots to trust instead of the system's; null for those. */
  readonly ca: string | null
  readonly deadlines: MailDeadlines
}

export interface MailDeadlines {
  /** From the look-up of the host to the end of STARTTLS. */
  readonly setupMs: number
  readonly greetingMs: number
  readonly silenceMs: number
  readonly totalMs: number
}

/** R65: 20 s to connect and 30 s for the greeting, 60 s of silence, 120 s in all. */
export const MAIL_DEADLINES: MailDeadlines = {
  setupMs: 50 * SECOND_MS,
  greetingMs: 30 * SECOND_MS,
  silenceMs: 60 * SECOND_MS,
  totalMs: 120 * SECOND_MS,
}

const ERROR_MAX = 500
/** Of what the server said: the rest of the sentence is ours. */
const ANSWER_MAX = 250

/**
 * A transport for one submission server. It drives nodemailer's SMTP connection and not its mailer: there is no code
 * on the way that could read a file, fetch a URL or reinterpret an address (S33).
 */
export function smtpTransport(server: SmtpServer, options: MailTransportOptions): MailTransport {
  const secrets = secretsOf(server)
  return {
    async send(mail, signal) {
      const attempt = new SmtpAttempt(connectionOf(server, options), loginOf(server))
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.deadlines.totalMs)])
      try {
        const info = await attempt.run(mail, deadline)
        const note = display(redact(`${server.host}:${server.port}: ${info.response}`, secrets), ERROR_MAX)
        return { outcome: 'accepted', refused: refusals(info, secrets), note }
      } catch (error) {
        return classify(error as SmtpError, attempt.handedOver, server)
      }
    },
  }
}

/**
 * Connects and logs in as for a mail, and leaves. Null when that went well, else one sentence without secrets. Never
 * rejects for what the network or the server does.
 */
export async function trySmtpLogin(
  server: SmtpServer,
  options: MailTransportOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const attempt = new SmtpAttempt(connectionOf(server, options), loginOf(server))
  try {
    await attempt.visit(AbortSignal.any([signal, AbortSignal.timeout(options.deadlines.totalMs)]))
    return null
  } catch (error) {
    const outcome = classify(error as SmtpError, false, server)
    return outcome.outcome === 'accepted' ? null : outcome.error
  }
}

function connectionOf(server: SmtpServer, { ehloName, ca, deadlines }: MailTransportOptions) {
  return {
    host: server.host,
    port: server.port,
    name: ehloName,
    secure: server.security === 'implicit',
    requireTLS: server.security === 'starttls',
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: server.security !== 'loopback',
      ...(ca === null ? {} : { ca }),
    },
    connectionTimeout: deadlines.setupMs,
    greetingTimeout: deadlines.greetingMs,
    socketTimeout: deadlines.silenceMs,
  } as const
}

function loginOf({ user, password }: SmtpServer): SmtpLogin | null {
  return user !== null && password !== null ? { user, password } : null
}

function classify(error: SmtpError, handedOver: boolean, server: SmtpServer): MailOutcome {
  const answer = display(redact(error.message, secretsOf(server)), ANSWER_MAX)
  const text = display(smtpFailure(error, answer, server), ERROR_MAX)
  const code = error.responseCode
  // RFC 5321 §4.2.1: 4yz asks to come again; any reply at all means that we know what became of the message.
  if (code !== undefined && code >= 500) {
    return { outcome: 'rejected', code: `smtp_${code}_${stage(error.command)}`, error: text }
  }
  if (code === undefined && error.code === 'EAUTH') {
    return { outcome: 'rejected', code: 'smtp_auth', error: text }
  }
  if (code === undefined && handedOver) return { outcome: 'ambiguous', error: text }
  return { outcome: 'retry', error: text }
}

/** `RCPT TO` → `rcpt`, `AUTH PLAIN` → `auth`. */
function stage(command: string | undefined): string {
  return (command ?? 'session').split(' ')[0]?.toLowerCase() ?? 'session'
}

function refusals(info: SMTPConnectionSendInfo, secrets: readonly Secret[]): readonly string[] {
  return (info.rejectedErrors ?? []).map((error) =>
    display(redact(`${error.recipient}: ${error.response ?? error.message}`, secrets), ERROR_MAX),
  )
}

/** The password, and the forms in which AUTH PLAIN and AUTH LOGIN send it: a server may quote its input. */
function secretsOf({ user, password }: SmtpServer): readonly Secret[] {
  if (password === null) return []
  return [password, new Secret(`\0${user ?? ''}\0${password.reveal()}`)]
}
