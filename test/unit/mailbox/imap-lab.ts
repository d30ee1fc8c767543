/** The mailbox of the lab as the product reads it, with short deadlines. */

import type { LabImap } from '../../../src/lab/imap.ts'
import { IMAP_PASSWORD, IMAP_USER } from '../../../src/lab/imap-login.ts'
import type { ImapExtension, ImapMode } from '../../../src/lab/imap-trouble.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { type ImapMailboxOptions, imapMailbox } from '../../../src/mailbox/imap.ts'
import type { ImapDeadlines } from '../../../src/mailbox/imap-deadlines.ts'
import {
  type FetchedMail,
  type Mailbox,
  MailboxError,
  type MailboxSession,
} from '../../../src/mailbox/mailbox.ts'
import type { ImapServer } from '../../../src/protocol/imap/account-url.ts'

/** Long enough for a busy machine in everything that is answered. */
export const PATIENT: ImapDeadlines = {
  connectMs: 10_000,
  greetingMs: 10_000,
  silenceMs: 10_000,
  commandMs: 10_000,
  sessionMs: 30_000,
  farewellMs: 10_000,
}

/** For what is never answered. */
export const HASTY: ImapDeadlines = {
  connectMs: 10_000,
  greetingMs: 400,
  silenceMs: 400,
  commandMs: 600,
  sessionMs: 5_000,
  farewellMs: 200,
}

export const NEVER = new AbortController().signal

interface Wish {
  readonly security: ImapServer['security']
  readonly password: string | null
  readonly host: string
  readonly port: number
}

/** `imap://` to the lab by STARTTLS, unless wished otherwise. */
export function labServer(imap: LabImap, wish: Partial<Wish> = {}): ImapServer {
  const { security = 'starttls', password = IMAP_PASSWORD, host = imap.host } = wish
  return {
    host,
    port: wish.port ?? (security === 'implicit' ? imap.tlsPort : imap.port),
    security,
    user: IMAP_USER,
    password: password === null ? null : new Secret(password),
  }
}

export function labMailbox(
  lab: Lab,
  options: Partial<ImapMailboxOptions> = {},
  wish: Partial<Wish> = {},
): Mailbox {
  return imapMailbox(labServer(lab.imap, wish), {
    clock: systemClock,
    folder: 'INBOX',
    afterReading: { kind: 'flag' },
    idle: true,
    accessToken: null,
    ca: lab.caPem,
    deadlines: PATIENT,
    notice: () => {},
    ...options,
  })
}

export function trouble(lab: Lab, mode: ImapMode | null, lacks: readonly ImapExtension[] = []): void {
  lab.change((world) => ({ ...world, imap: { mode, lacks, connections: null } }))
}

/** `ok`, or the failure that it rejects with; anything else is thrown on. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (error instanceof MailboxError) return error.failure
    throw error
  }
}

export async function collect(
  session: MailboxSession,
  uids: readonly number[],
  maxBytes = 1_000_000,
): Promise<readonly FetchedMail[]> {
  const mails: FetchedMail[] = []
  for await (const mail of session.fetch(uids, maxBytes)) mails.push(mail)
  return mails
}

/** Everything that a reader does, one after the other. */
export async function readAll(mailbox: Mailbox): Promise<void> {
  await using session = await mailbox.open(NEVER)
  const uids = await session.uids(0)
  await collect(session, uids)
  await session.finish(uids)
  await session.waitForNews(100, NEVER)
}
