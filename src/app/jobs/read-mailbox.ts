import { DAY_MS, type UnixMs } from '../../lib/time.ts'
import { INTAKE_LIMITS } from '../../mailbox/limits.ts'
import type { FetchedMail, Mailbox, MailboxSession } from '../../mailbox/mailbox.ts'
import type { MailClass } from '../../model/received-report.ts'
import type { CommittedMail, MailboxPlace, MailCommit, ReportStore } from '../../store/report-store.ts'

/** Reads one mail; null when the reader gave out on it, which counts as an attempt. Rejects when it was not to blame. */
export type IngestMail = (mail: FetchedMail, place: MailboxPlace) => Promise<MailCommit | null>

export interface ReadMailboxTools {
  readonly store: ReportStore
  readonly ingest: IngestMail
  readonly now: () => UnixMs
  /** What was committed, at once: whoever waits for reports is told, and a long backlog shows that it moves. */
  readonly onCommitted: (mails: readonly CommittedMail[], commits: readonly MailCommit[]) => Promise<void>
}

export interface MailboxReading {
  /** Mails that were read now, by what became of them. */
  readonly classes: ReadonlyMap<MailClass, number>
  /** The UIDVALIDITY of the last reading when it is another one now: every UID means another mail (R42). */
  readonly before: string | null
}

/** R42, R12: reports older than this are forgotten, and refused. */
const WINDOW_MS = 400 * DAY_MS
/** R50 */
const BATCH_MAILS = 50
/** Mails under way and not yet committed; the one that passes it is the last of its batch. */
const BATCH_BYTES = 16 * 1024 * 1024
/** How many UIDs the database is asked about at once. */
const SLICE = 1_000
/** R47: as often as this a mail may end the program, or its reader, before it is put aside unread. */
const ATTEMPTS_MAX = 3

/**
 * Reads everything in the folder that was not read yet, in batches of constant memory. Journal first, then the mail, then
 * one transaction with all that follows from it, then the flag on the server: a death between any two of them loses
 * nothing and counts nothing twice (R45). Rejects with MailboxError when the session ends; what was committed stays.
 */
export async function readMailbox(
  mailbox: Pick<Mailbox, 'account' | 'folder'>,
  session: MailboxSession,
  tools: ReadMailboxTools,
): Promise<MailboxReading> {
  const { account, folder } = mailbox
  const place: MailboxPlace = { account, folder, uidValidity: session.uidValidity }
  const last = await tools.store.lastPlace(account, folder)
  // Makes this the life of the folder that was read last, even while it is empty.
  await tools.store.beginAttempts(place, [], tools.now())
  const reading = new Reading(place, session, tools)
  await reading.settleServerActions()
  const uids = await session.uids(tools.now() - WINDOW_MS)
  for (let from = 0; from < uids.length; from += SLICE) await reading.read(uids.slice(from, from + SLICE))
  return {
    classes: reading.classes,
    before: last === null || last.uidValidity === place.uidValidity ? null : last.uidValidity,
  }
}

/** One pass over one life of the folder. */
class Reading {
  readonly classes = new Map<MailClass, number>()
  readonly #place: MailboxPlace
  readonly #session: MailboxSession
  readonly #tools: ReadMailboxTools

  constructor(place: MailboxPlace, session: MailboxSession, tools: ReadMailboxTools) {
    this.#place = place
    this.#session = session
    this.#tools = tools
  }

  async read(uids: readonly number[]): Promise<void> {
    const unread = await this.#tools.store.unread(this.#place, uids, this.#tools.now())
    const fresh = unread.filter(({ attempts }) => attempts === 0).map(({ uid }) => uid)
    for (let from = 0; from < fresh.length; from += BATCH_MAILS) {
      await this.#readBatch(fresh.slice(from, from + BATCH_MAILS))
    }
    // Whatever was under way when the reader died is read alone, so that the innocent do not share the blame.
    for (const { uid, attempts } of unread) {
      if (attempts >= ATTEMPTS_MAX) await this.#putAside(uid, attempts)
      else if (attempts > 0) await this.#readBatch([uid])
    }
  }

  /** What a death left undone on the server after a commit (K5, K6). */
  async settleServerActions(): Promise<void> {
    for (;;) {
      const uids = await this.#tools.store.awaitingServerAction(this.#place, BATCH_MAILS)
      if (uids.length === 0) return
      await this.#session.finish(uids)
      await this.#tools.store.noteServerAction(this.#place, uids, this.#tools.now())
    }
  }

  async #readBatch(uids: readonly number[]): Promise<void> {
    const { store, now } = this.#tools
    await store.beginAttempts(this.#place, uids, now())
    const batch = new Set(uids)
    try {
      await this.#fetchAndCommit(uids, batch)
    } finally {
      // Gone meanwhile, or the line broke: only what kills the reader counts against a mail.
      if (batch.size > 0) await store.withdrawAttempts(this.#place, [...batch])
    }
    await this.settleServerActions()
  }

  /** Takes out of `open` what was read: committed, or the reader itself gave out on it. */
  async #fetchAndCommit(uids: readonly number[], open: Set<number>): Promise<void> {
    const reading = new Map<number, Promise<MailCommit | null>>()
    let bytes = 0
    const commitRead = async () => {
      const ended = await Promise.allSettled(reading.values())
      await this.#commit(ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      for (const [index, uid] of [...reading.keys()].entries()) {
        if (ended[index]?.status === 'fulfilled') open.delete(uid)
      }
      reading.clear()
      bytes = 0
      for (const one of ended) if (one.status === 'rejected') throw one.reason
    }
    try {
      for await (const mail of this.#session.fetch(uids, INTAKE_LIMITS.mailBytes)) {
        const read = this.#tools.ingest(mail, this.#place)
        // Waited for further down; until then nobody listens.
        read.catch(() => {})
        reading.set(mail.uid, read)
        bytes += mail.raw?.length ?? 0
        if (bytes >= BATCH_BYTES) await commitRead()
      }
    } finally {
      // Also when the line broke: what came before is read.
      await commitRead()
    }
  }

  async #putAside(uid: number, attempts: number): Promise<void> {
    await this.#commit([
      {
        key: { kind: 'imap', place: this.#place, uid },
        rawSha256: '',
        sizeBytes: 0,
        receivedAt: this.#tools.now(),
        messageId: null,
        from: null,
        subject: null,
        verdict: { kind: 'poison', attempts },
        raw: null,
      },
    ])
  }

  async #commit(read: readonly (MailCommit | null)[]): Promise<void> {
    const commits = read.filter((commit) => commit !== null)
    if (commits.length === 0) return
    const committed = await this.#tools.store.commitMails(commits)
    for (const { mailClass } of committed) {
      this.classes.set(mailClass, (this.classes.get(mailClass) ?? 0) + 1)
    }
    await this.#tools.onCommitted(committed, commits)
  }
}
