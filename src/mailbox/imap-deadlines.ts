import { MINUTE_MS, SECOND_MS } from '../lib/time.ts'

/** How long a mailbox session may wait for what. */
export interface ImapDeadlines {
  /** From the look-up of the host to the end of the TLS handshake. */
  readonly connectMs: number
  readonly greetingMs: number
  /** Between two bytes of an answer. */
  readonly silenceMs: number
  /** For the answer to one command, or one mail of it; also for everything up to the login. */
  readonly commandMs: number
  /** For everything between login and logout, but for waiting for mail. */
  readonly sessionMs: number
  /** For the answer to LOGOUT. */
  readonly farewellMs: number
}

/** S13, R44. */
export const IMAP_DEADLINES: ImapDeadlines = {
  connectMs: 30 * SECOND_MS,
  greetingMs: 16 * SECOND_MS,
  silenceMs: 60 * SECOND_MS,
  commandMs: 60 * SECOND_MS,
  sessionMs: 10 * MINUTE_MS,
  farewellMs: 5 * SECOND_MS,
}
