import type { FetchedMail } from '../../mailbox/mailbox.ts'
import type { MailboxPlace, MailCommit } from '../../store/report-store.ts'
import { type IngestTools, ingest } from '../ingest.ts'

/** What is to be written of one mail of the mailbox. Rejects only when the intake does, or `signal` aborts. */
export async function ingestMail(
  mail: FetchedMail,
  place: MailboxPlace,
  tools: IngestTools,
  signal: AbortSignal,
): Promise<MailCommit> {
  const { uid, receivedAt, sizeBytes, raw } = mail
  const key = { kind: 'imap', place, uid } as const
  if (raw === null) return tooLarge(mail, key)
  const source = { via: 'imap', ...place, uid } as const
  return ingest({ key, source, origin: { kind: 'mail' }, receivedAt, bytes: raw }, tools, signal).then(
    (commit) => ({ ...commit, sizeBytes }),
  )
}

/** Its bytes were never asked for (S1). */
function tooLarge({ receivedAt, sizeBytes }: FetchedMail, key: MailCommit['key']): MailCommit {
  return {
    key,
    rawSha256: '',
    sizeBytes,
    receivedAt,
    messageId: null,
    from: null,
    subject: null,
    verdict: { kind: 'rejected', reason: 'input-too-large', deviations: [] },
    raw: null,
  }
}
