import type { Env } from './env.ts'
import type { WatchConfig } from './watch-config.ts'

/** A `mailbox:` section without a login, or a login without the section: what is missing, in a sentence; null: nothing. */
export function mailboxGap(
  { mailbox }: Pick<WatchConfig, 'mailbox'>,
  { imapUrl }: Pick<Env, 'imapUrl'>,
): string | null {
  if (mailbox !== null && imapUrl === null) {
    return '`mailbox:` needs IMAP_URL in the environment (.env; see .env.example)'
  }
  return mailbox === null && imapUrl !== null
    ? 'IMAP_URL is set and nothing is read there without a `mailbox:` section; add `mailbox: {}`'
    : null
}
