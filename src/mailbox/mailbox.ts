import type { UnixMs } from '../lib/time.ts'

/** The folder that TLS reports arrive in, on an IMAP server. */
export interface Mailbox {
  /** `user@host:port`, for the state in the database and for messages; no secret. */
  readonly account: string
  readonly folder: string
  /**
   * Connects, logs in and selects the folder. Rejects with MailboxError, never with anything else. `signal` ends the
   * session, then and later.
   */
  open(signal: AbortSignal): Promise<MailboxSession>
}

/**
 * One connection, from login to logout. Every method rejects with MailboxError when the server, the line or a deadline
 * fails; after that the session is dead and the next one goes on where the database says. Nothing here changes what was
 * read: the database is the memory (R41).
 */
export interface MailboxSession extends AsyncDisposable {
  /** Every UID of the folder means another mail when this changes (RFC 3501 §2.3.1.1). */
  readonly uidValidity: string
  /**
   * All UIDs of mails that arrived on the day of `since` or later, ascending; null: of all. Servers count days in their own
   * zone, so those of the day before may be among them.
   */
  uids(since: UnixMs | null): Promise<readonly number[]>
  /**
   * The mails of `uids` (ascending) one after the other, in the order in which the server sends them, which is theirs as a
   * rule; those that are gone are left out. A mail of more than `maxBytes` comes without its bytes. Memory holds one mail
   * at a time. Nothing else may be asked of the session until the caller has had enough.
   */
  fetch(uids: readonly number[], maxBytes: number): AsyncIterable<FetchedMail>
  /** After the commit: sets the keyword `$BotProcessed`, moves to the folder, or nothing, as configured. Idempotent. */
  finish(uids: readonly number[]): Promise<void>
  /**
   * Waits until mail may have arrived (true), or `ms` have passed or the signal was given (false, and the session goes on).
   * At once false when the server has no IDLE.
   */
  waitForNews(ms: number, signal: AbortSignal): Promise<boolean>
}

export interface FetchedMail {
  readonly uid: number
  /** When it arrived at the server (INTERNALDATE); now, when the server does not say. */
  readonly receivedAt: UnixMs
  readonly sizeBytes: number
  /** Null when it is larger than was asked for. */
  readonly raw: Uint8Array | null
}

export type MailboxFailure =
  | 'unreachable'
  | 'tls'
  | 'no-tls-offered'
  | 'login-refused'
  | 'folder-missing'
  | 'connection-lost'
  | 'deadline'
  | 'limit'
  | 'server-says-no'

/** Why a session could not be opened or went on no more; `message` is one line for the operator, without secrets. */
export class MailboxError extends Error {
  readonly failure: MailboxFailure

  constructor(failure: MailboxFailure, message: string) {
    super(message)
    this.failure = failure
  }
}
