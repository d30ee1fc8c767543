import type { UnixMs } from '../lib/time.ts'
import type { Authenticity, MailClass, ReceivedReport, ReportId } from '../model/received-report.ts'
import type { ReportedPolicy, ReporterHistory } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Deviation } from '../protocol/tlsrpt/deviation.ts'

/** A folder of an account in one of its lives: when UIDVALIDITY changes, every UID means another mail (RFC 3501 §2.3.1.1). */
export interface MailboxPlace {
  /** `user@host:port` */
  readonly account: string
  readonly folder: string
  readonly uidValidity: string
}

/** What a mail or file is known by. */
export type MailKey =
  | { readonly kind: 'imap'; readonly place: MailboxPlace; readonly uid: number }
  /** A file that was imported, by the SHA-256 of its bytes. */
  | { readonly kind: 'file'; readonly sha256: string }

/** One mail or file as it was read, with everything that follows; written in one transaction (R45). */
export interface MailCommit {
  readonly key: MailKey
  readonly rawSha256: string
  readonly sizeBytes: number
  readonly receivedAt: UnixMs
  readonly messageId: string | null
  /** As in the header, untrusted; null for a file. */
  readonly from: string | null
  readonly subject: string | null
  readonly verdict: MailVerdict
  /** Kept for `reports reparse` until its time is up; null: not kept. */
  readonly raw: Uint8Array | null
}

export type MailVerdict =
  /** At least one; each is counted, quarantined, or found to be a duplicate or conflict as it is written. */
  | { readonly kind: 'reports'; readonly reports: readonly NewReport[] }
  | { readonly kind: 'rejected'; readonly reason: string; readonly deviations: readonly Deviation[] }
  | { readonly kind: 'not-a-report'; readonly reason: string }
  /** A canary, of ours or of another monitor: it is no data; that it arrived is noted if it is ours. */
  | {
      readonly kind: 'canary'
      readonly reportId: string
      readonly authenticity: Authenticity
      readonly readAt: UnixMs
    }
  /** To be tried again at that time (R49). */
  | { readonly kind: 'postponed'; readonly reason: string; readonly until: UnixMs }
  /** It ended the program twice while it was being read (R47). */
  | { readonly kind: 'poison'; readonly attempts: number }

/** Whether it counts is decided as it is written; it may turn out to be a duplicate or a conflict. */
export type NewReport = Omit<ReceivedReport, 'standing'> & {
  /** Signed by one of the few that report on very many domains a day: no flood limit on their number (S22). */
  readonly isOfLargeSender: boolean
}

export interface CommittedMail {
  readonly key: MailKey
  readonly mailClass: MailClass
  /** The reports that count and were not there before. */
  readonly counted: readonly ReportId[]
}

export interface MailRow {
  readonly key: MailKey
  readonly mailClass: MailClass | 'attempted'
  readonly reason: string | null
  readonly attempts: number
  readonly receivedAt: UnixMs
  readonly from: string | null
  readonly subject: string | null
  readonly sizeBytes: number
}

export interface RawMail {
  readonly key: MailKey
  readonly rawSha256: string
  readonly receivedAt: UnixMs
  /** Who answered for its reports; null when it never had any. Keys are withdrawn: it may not be found out again. */
  readonly authenticity: Authenticity | null
  readonly bytes: Uint8Array
}

/** What senders told us: mails, reports and their numbers (R41–R50). */
export interface ReportStore {
  /** The life of this folder that was read last; null when it was never read. */
  lastPlace(account: string, folder: string): Promise<MailboxPlace | null>
  /**
   * Of these UIDs, in their order, those that still have to be read now: new, postponed and due, or begun and never ended.
   * `attempts`: begun so far without an end.
   */
  unread(
    place: MailboxPlace,
    uids: readonly number[],
    now: UnixMs,
  ): Promise<readonly { readonly uid: number; readonly attempts: number }[]>
  /**
   * The journal that is written before a mail is touched, so that one which kills the reader is found out (R45, R47). It also
   * makes the place the one read last; with no UIDs it does that alone.
   */
  beginAttempts(place: MailboxPlace, uids: readonly number[], now: UnixMs): Promise<void>
  /** Takes an attempt back: the line broke, not the mail. Mails that have ended stay as they are. */
  withdrawAttempts(place: MailboxPlace, uids: readonly number[]): Promise<void>
  /**
   * Writes mails and what follows from them, all of them in one transaction. A key that is there is replaced only if it was
   * attempted or postponed.
   */
  commitMails(commits: readonly MailCommit[]): Promise<readonly CommittedMail[]>
  /** UIDs of reports that are read for good but not yet flagged or moved on the server; mail that is no report is left alone. */
  awaitingServerAction(place: MailboxPlace, limit: number): Promise<readonly number[]>
  noteServerAction(place: MailboxPlace, uids: readonly number[], now: UnixMs): Promise<void>
  /** True when a file with these bytes was imported before. */
  isImported(sha256: string): Promise<boolean>

  /** Policies of reports that count and concern the domain alone, filed under `sinceDayAt` or later; by day, then arrival. */
  policiesOf(domain: DomainName, sinceDayAt: UnixMs): Promise<readonly ReportedPolicy[]>
  /**
   * The same for every watched domain and shared host (null) at once, by day: for summaries and `reports senders`. Read in
   * pages: what is written meanwhile may or may not be in it.
   */
  policiesSince(sinceDayAt: UnixMs): AsyncIterable<ReportedPolicy & { readonly domain: DomainName | null }>
  reporters(names: readonly DomainName[]): Promise<ReadonlyMap<DomainName, ReporterHistory>>

  /** Newest first. */
  list(filter: ReportFilter, limit: number): Promise<readonly ReceivedReport[]>
  /** By id or an unambiguous beginning of it. */
  find(idPrefix: string): Promise<ReceivedReport | null>
  /** How many mails ended in each class since then. */
  mailClasses(since: UnixMs): Promise<ReadonlyMap<MailClass, number>>
  /** Mails of a class, newest first. */
  mails(mailClass: MailClass, since: UnixMs, limit: number): Promise<readonly MailRow[]>
  /** How often each deviation was met since then, by reporter (or claimed sender). */
  deviations(since: UnixMs): Promise<
    readonly {
      readonly sender: string
      readonly code: string
      readonly times: number
      readonly reports: number
    }[]
  >

  /**
   * The operator vouches: a quarantined report, or all of a claimed sender, past and to come, count. Gives the reports that
   * count now. A report whose content already counts stays where it is.
   */
  admit(
    what: { readonly id: ReportId } | { readonly sender: DomainName },
    now: UnixMs,
  ): Promise<readonly ReceivedReport[]>
  /** Senders that the operator vouches for. */
  admittedSenders(): Promise<readonly DomainName[]>
  /** The reports that were read from this mail or file and kept, in their order; not those that another one had brought before. */
  reportsOf(key: MailKey): Promise<readonly ReceivedReport[]>
  /** The bytes with this hash and when they arrived last, as long as they are kept; else null. */
  original(rawSha256: string): Promise<{ readonly bytes: Uint8Array; readonly lastAt: UnixMs } | null>
  /** The bytes that a mail or file was read from, as long as they are kept; in the order in which they were read. */
  raws(): AsyncIterable<RawMail>
  /**
   * Puts a new reading in place of what was read from this mail or file before, in one transaction. A report of the same
   * identity keeps its id and its admission. Of several mails with one report the one that was read first still has it, so
   * going through `raws` in order ends as reading everything anew would have. A postponed verdict changes nothing.
   */
  replaceReading(commit: MailCommit): Promise<CommittedMail>
}

export interface ReportFilter {
  readonly domain: DomainName | null
  /** Signing or claimed domain. */
  readonly sender: string | null
  readonly standing: ReceivedReport['standing'] | null
  readonly sinceDayAt: UnixMs | null
  /** Only those with failed sessions. */
  readonly failuresOnly: boolean
}
