import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { MailboxError, type MailboxFailure } from './mailbox.ts'

/** Whose mailbox it is, for messages, and what must stand in none of them. */
export interface Party {
  /** `user@host:port` */
  readonly account: string
  readonly folder: string
  readonly secrets: readonly Secret[]
}

/** What imapflow and Node put on their errors. */
interface ImapError extends Error {
  readonly code?: string
  /** NO or BAD: the server has answered the command. */
  readonly responseStatus?: string
  readonly responseText?: string
  readonly serverResponseCode?: string
  readonly response?: unknown
  readonly reason?: string
  readonly authenticationFailed?: boolean
  readonly mailboxMissing?: boolean
  readonly tlsFailed?: boolean
}

const DETAIL_MAX = 300

const LIMITS =
  /^(?:LineTooLarge|LiteralTooLarge|ResponseTooLarge|TooManyTokens|TooManyResponses|MAX_IMAP_NESTING_REACHED)$/
const SILENCE = /^(?:ETIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT)$/
const TLS =
  /^(?:ERR_TLS|ERR_SSL|EPROTO|STARTTLS_INJECTION)|CERT|CRL|ISSUER|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)/
const NOBODY_THERE = /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_|CONNECT_TIMEOUT|EADDRNOTAVAIL)/
const GONE =
  /^(?:NoConnection|EConnectionClosed|StateLogout|ClosedAfterConnect|NoMailboxSelected|ECONNRESET|EPIPE|ETIMEDOUT)/
/** RFC 5530: the login itself may be good. */
const LATER = /^(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)$/

const SENTENCES: Readonly<Record<MailboxFailure, string>> = {
  unreachable: 'cannot be reached',
  tls: 'no trustworthy TLS connection',
  'no-tls-offered': 'the server offers no TLS, and nothing is sent without it',
  'login-refused': 'the login was refused',
  'folder-missing': 'the folder does not exist',
  'connection-lost': 'the connection was lost',
  deadline: 'no answer in time',
  limit: 'the server sent more than is taken',
  'server-says-no': 'the server refused',
}

/** Makes a MailboxError of whatever was thrown; one line, without secrets. */
export function imapFailure(error: unknown, party: Party): MailboxError {
  if (error instanceof MailboxError) return error
  const known = error as ImapError
  return newFailure(failureOf(known), detailOf(known), party)
}

/** A failure in the words of this file, with a detail that may quote the server; an empty one is left out. */
export function newFailure(failure: MailboxFailure, detail: string, party: Party): MailboxError {
  const folder = failure === 'folder-missing' ? ` ${party.folder}:` : ''
  const shown = display(redact(detail, party.secrets), DETAIL_MAX)
  const sentence = `${party.account}:${folder} ${SENTENCES[failure]}`
  return new MailboxError(failure, shown === '' ? sentence : `${sentence}: ${shown}`)
}

/** True when the server has answered NO: the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return (error as ImapError | null)?.responseStatus === 'NO'
}

/** The response code of a refusal (RFC 3501, RFC 5530), upper case; empty when there is none. */
export function responseCode(error: unknown): string {
  const { serverResponseCode, response } = error as ImapError
  if (serverResponseCode !== undefined) return serverResponseCode.toUpperCase()
  const parsed = response as
    | { attributes?: readonly { section?: readonly { value?: unknown }[] }[] }
    | undefined
  const code = parsed?.attributes?.[0]?.section?.[0]?.value
  return typeof code === 'string' ? code.toUpperCase() : ''
}

function failureOf(error: ImapError): MailboxFailure {
  const code = error.code ?? ''
  if (LIMITS.test(code)) return 'limit'
  if (SILENCE.test(code)) return 'deadline'
  if (TLS.test(code)) return 'tls'
  if (NOBODY_THERE.test(code)) return 'unreachable'
  if (GONE.test(code)) return 'connection-lost'
  // imapflow gives no code when STARTTLS is required and cannot be had.
  if (error.tlsFailed === true) return code === '' ? 'no-tls-offered' : 'tls'
  if (error.authenticationFailed === true)
    return LATER.test(responseCode(error)) ? 'server-says-no' : 'login-refused'
  if (/authentication mechanism/.test(error.message)) return 'login-refused'
  if (error.mailboxMissing === true || responseCode(error) === 'NONEXISTENT') return 'folder-missing'
  return 'server-says-no'
}

/** The server's own words where there are any. */
function detailOf(error: ImapError): string {
  const response = typeof error.response === 'string' ? error.response : ''
  // One that stands for several attempts has a code and no words.
  return error.responseText ?? error.reason ?? (response || error.message || (error.code ?? ''))
}
