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
  /** Fetched, and perhaps still being read: it is written while the next one is fetched. */
  #fetched: Batch | null = null

  constructor(place: MailboxPlace, session: MailboxSession, tools: ReadMailboxTools) {
    this.#place = place
    this.#session = session
    this.#tools = tools
  }

  async read(uids: readonly number[]): Promise<void> {
    try {
      await this.#readUnread(uids)
    } catch (error) {
      // Whatever failed, what was fetched before is read.
      await this.#writeFetched().catch(() => {})
      throw error
    }
  }

  async #readUnread(uids: readonly number[]): Promise<void> {
    const unread = await this.#tools.store.unread(this.#place, uids, this.#tools.now())
    const fresh = unread.filter(({ attempts }) => attempts === 0).map(({ uid }) => uid)
    for (let from = 0; from < fresh.length; from += BATCH_MAILS) {
      await this.#fetch(fresh.slice(from, from + BATCH_MAILS))
    }
    await this.#writeFetched()
    // Whatever was under way when the reader died is read alone, so that the innocent do not share the blame.
    for (const { uid, attempts } of unread) {
      if (attempts === 0) continue
      if (attempts >= ATTEMPTS_MAX) await this.#putAside(uid, attempts)
      else await this.#fetch([uid])
      await this.#writeFetched()
    }
    await this.settleServerActions()
  }

  /** What was committed and not yet told to the server, also by an earlier life of the program (K5, K6). */
  async settleServerActions(): Promise<void> {
    for (;;) {
      const uids = await this.#tools.store.awaitingServerAction(this.#place, BATCH_MAILS)
      if (uids.length === 0) return
      await this.#session.finish(uids)
      await this.#tools.store.noteServerAction(this.#place, uids, this.#tools.now())
    }
  }

  /** Fetches a batch and writes the one before meanwhile. */
  async #fetch(uids: readonly number[]): Promise<void> {
    await this.#tools.store.beginAttempts(this.#place, uids, this.#tools.now())
    const batch = new Batch(uids)
    const writing = this.#writeFetched()
    // Waited for further down; until then nobody listens.
    writing.catch(() => {})
    try {
      for await (const mail of this.#session.fetch(uids, INTAKE_LIMITS.mailBytes)) {
        batch.add(mail, this.#tools.ingest(mail, this.#place))
        if (batch.bytes >= BATCH_BYTES) await this.#write(batch)
      }
      await writing
    } catch (error) {
      await writing.catch(() => {})
      // What came before the line broke is read.
      await this.#write(batch).catch(() => {})
      await this.#withdraw(batch)
      throw error
    }
    this.#fetched = batch
    await this.settleServerActions()
  }

  async #writeFetched(): Promise<void> {
    const batch = this.#fetched
    this.#fetched = null
    if (batch === null) return
    try {
      await this.#write(batch)
    } finally {
      await this.#withdraw(batch)
    }
  }

  /** Writes what was read of a batch; rejects, after that, when a mail could not be read without being to blame. */
  async #write(batch: Batch): Promise<void> {
    const { commits, failure } = await batch.take()
    await this.#commit(commits)
    batch.settle()
    if (failure !== null) throw failure.reason
  }

  /** Gone meanwhile, or the line broke: only what kills the reader counts against a mail. */
  async #withdraw(batch: Batch): Promise<void> {
    if (batch.open.length > 0) await this.#tools.store.withdrawAttempts(this.#place, batch.open)
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

  async #commit(commits: readonly MailCommit[]): Promise<void> {
    if (commits.length === 0) return
    const committed = await this.#tools.store.commitMails(commits)
    for (const { mailClass } of committed) {
      this.classes.set(mailClass, (this.classes.get(mailClass) ?? 0) + 1)
    }
    await this.#tools.onCommitted(committed, commits)
  }
}

/** Mails whose attempt was noted, while they are fetched and read. */
class Batch {
  /** Of the mails that are being read. */
  bytes = 0
  readonly #open: Set<number>
  readonly #reading = new Map<number, Promise<MailCommit | null>>()
  /** Taken and not yet written. */
  #taken: readonly number[] = []

  constructor(uids: readonly number[]) {
    this.#open = new Set(uids)
  }

  /** Those of which nothing is known: not written, and the reader did not give out on them. */
  get open(): readonly number[] {
    return [...this.#open]
  }

  add({ uid, raw }: FetchedMail, read: Promise<MailCommit | null>): void {
    // Waited for in take(); until then nobody listens.
    read.catch(() => {})
    this.#reading.set(uid, read)
    this.bytes += raw?.length ?? 0
  }

  /** Waits for what was added and gives it; `failure` is the first that rejected. */
  async take(): Promise<{
    readonly commits: readonly MailCommit[]
    readonly failure: PromiseRejectedResult | null
  }> {
    const uids = [...this.#reading.keys()]
    const ended = await Promise.allSettled(this.#reading.values())
    this.#reading.clear()
    this.bytes = 0
    this.#taken = uids.filter((_, index) => ended[index]?.status === 'fulfilled')
    const read = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    return {
      commits: read.filter((commit) => commit !== null),
      failure: ended.find((one) => one.status === 'rejected') ?? null,
    }
  }

  /** What was taken is written. */
  settle(): void {
    for (const uid of this.#taken) this.#open.delete(uid)
    this.#taken = []
  }
}
