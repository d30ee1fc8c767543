import type { UnixMs } from '../lib/time.ts'
import type { FetchedRow } from './imap-client.ts'
import { isRefusal, responseCode } from './imap-failure.ts'
import type { ImapLine } from './imap-line.ts'
import type { FetchedMail } from './mailbox.ts'
import { uidSet } from './uid-set.ts'

/** Sizes that are asked for at once. */
const SIZES_AT_ONCE = 500
/** Mails that are asked for at once: one answer after the other is read, so this is no question of memory. */
const MAILS_AT_ONCE = 50
/** What is read in vain when the caller stops in the middle. */
const BYTES_AT_ONCE = 4 * 1024 * 1024

/** What the server says of a mail before its bytes. */
interface Envelope {
  readonly uid: number
  readonly receivedAt: UnixMs
  readonly sizeBytes: number
}

/** `now` stands in for an INTERNALDATE that is none. */
export interface FetchLimits {
  readonly maxBytes: number
  readonly now: () => UnixMs
}

/** The mails as Mailbox.fetch promises them. Throws what the line or imapflow throws. */
export async function* fetchMails(
  line: ImapLine,
  uids: readonly number[],
  limits: FetchLimits,
): AsyncGenerator<FetchedMail, void, undefined> {
  for (let at = 0; at < uids.length; at += SIZES_AT_ONCE) {
    const envelopes = await envelopesOf(line, uids.slice(at, at + SIZES_AT_ONCE), limits)
    let batch: Envelope[] = []
    let bytes = 0
    for (const envelope of envelopes) {
      const tooLarge = envelope.sizeBytes > limits.maxBytes
      const full = batch.length === MAILS_AT_ONCE || bytes + envelope.sizeBytes > BYTES_AT_ONCE
      if (tooLarge || full) {
        yield* fetchBatch(line, batch, limits.maxBytes)
        batch = []
        bytes = 0
      }
      if (tooLarge) yield { ...envelope, raw: null }
      else batch.push(envelope)
      bytes += tooLarge ? 0 : envelope.sizeBytes
    }
    yield* fetchBatch(line, batch, limits.maxBytes)
  }
}

/** In the order of `uids`, without those that are gone. */
async function envelopesOf(
  line: ImapLine,
  uids: readonly number[],
  { now }: FetchLimits,
): Promise<readonly Envelope[]> {
  const found = new Map<number, Envelope>()
  const query = { uid: true, size: true, internalDate: true }
  for await (const { uid, size, internalDate } of rows(line, 'FETCH of sizes', uids, query)) {
    // A row with neither tells of flags that somebody has changed meanwhile.
    if (size === undefined && internalDate === undefined) continue
    const at = internalDate instanceof Date ? internalDate.getTime() : Number.NaN
    found.set(uid, { uid, receivedAt: Number.isNaN(at) ? now() : at, sizeBytes: size ?? 0 })
  }
  return uids.flatMap((uid) => found.get(uid) ?? [])
}

/** A batch that the server refuses is asked for mail by mail: one that is gone or broken shall not hide the others. */
async function* fetchBatch(
  line: ImapLine,
  batch: readonly Envelope[],
  maxBytes: number,
): AsyncGenerator<FetchedMail, void, undefined> {
  const left = new Map(batch.map((envelope) => [envelope.uid, envelope]))
  try {
    yield* fetchTogether(line, left, maxBytes)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (batch.length > 1) {
      for (const envelope of left.values()) yield* fetchBatch(line, [envelope], maxBytes)
      return
    }
    // RFC 5530 §3: expunged by somebody else while we were about to read it.
    if (responseCode(error) !== 'EXPUNGEISSUED') throw error
  }
}

/** Takes what has come out of `left`. The size was a hint; what counts is what comes (S2), and one byte too many is enough. */
async function* fetchTogether(
  line: ImapLine,
  left: Map<number, Envelope>,
  maxBytes: number,
): AsyncGenerator<FetchedMail, void, undefined> {
  const query = { uid: true, source: { start: 0, maxLength: maxBytes + 1 } }
  for await (const { uid, source } of rows(line, 'FETCH of a mail', [...left.keys()], query)) {
    const envelope = left.get(uid)
    if (envelope === undefined || source === undefined) continue
    left.delete(uid)
    yield source.length > maxBytes
      ? { ...envelope, sizeBytes: Math.max(envelope.sizeBytes, source.length), raw: null }
      : { ...envelope, sizeBytes: source.length, raw: source }
  }
}

/** The answers as they come, each within the time of a command; what the caller does with one does not count. */
async function* rows(
  line: ImapLine,
  what: string,
  uids: readonly number[],
  query: Parameters<ImapLine['client']['fetch']>[1],
): AsyncGenerator<FetchedRow, void, undefined> {
  if (uids.length === 0) return
  const answers = line.client.fetch(uidSet(uids), query, { uid: true })
  try {
    for (;;) {
      const answer = await line.command(what, () => answers.next())
      if (answer.done === true) return
      yield answer.value
    }
  } finally {
    // imapflow reads and drops what nobody took, so that the next command finds the line free.
    answers.return?.().catch(() => {})
  }
}
