/** The memory for TLS reports over the database: which statements make up which transaction. */
import type { Database } from './database.ts'
import {
  awaitingServerAction,
  noteAttempts,
  noteServerAction,
  unreadOf,
  withdrawAttempts,
} from './mail-journal.ts'
import { lastPlace } from './mailbox-places.ts'
import { packRaw, rawMails } from './raw-mails.ts'
import { admitReports, admittedSenders } from './report-admissions.ts'
import { type PackedCommit, rewriteMail, writeMails } from './report-commits.ts'
import { findMail, hasEnded, mailClasses, mailsOf } from './report-mails.ts'
import { originalOf, reportsOfKey } from './report-originals.ts'
import { deviationCounts, findReport, listReports, policiesOf, policiesSince } from './report-queries.ts'
import type { MailboxPlace, MailCommit, ReportStore } from './report-store.ts'
import { reporterHistories } from './reporters.ts'

export function reportStore(database: Database): ReportStore {
  const { read, write, writeRepeatable } = database
  return {
    lastPlace: (account, folder) => read((sql) => lastPlace(sql, account, folder)),
    unread: (place, uids, now) => unread(database, place, uids, now),
    // An attempt that a power failure takes back is one that the mail did not cause.
    beginAttempts: (place, uids, now) => writeRepeatable((sql) => noteAttempts(sql, place, uids, now)),
    withdrawAttempts: (place, uids) => writeRepeatable((sql) => withdrawAttempts(sql, place, uids)),
    commitMails: async (commits) => {
      const packed = await Promise.all(commits.map(pack))
      return packed.length === 0 ? [] : write((sql) => writeMails(sql, packed))
    },
    awaitingServerAction: (place, limit) => read((sql) => awaitingServerAction(sql, place, limit)),
    // Telling the server once more is harmless.
    noteServerAction: (place, uids, now) => writeRepeatable((sql) => noteServerAction(sql, place, uids, now)),
    isImported: async (sha256) => {
      const mail = await read((sql) => findMail(sql, { kind: 'file', sha256 }))
      return mail !== null && hasEnded(mail)
    },
    policiesOf: (domain, sinceDayAt) => read((sql) => policiesOf(sql, domain, sinceDayAt)),
    policiesSince: (sinceDayAt) => policiesSince(database, sinceDayAt),
    reporters: (names) => read((sql) => reporterHistories(sql, names)),
    list: (filter, limit) => read((sql) => listReports(sql, filter, limit)),
    find: (idPrefix) => read((sql) => findReport(sql, idPrefix)),
    mailClasses: (since) => read((sql) => mailClasses(sql, since)),
    mails: (mailClass, since, limit) => read((sql) => mailsOf(sql, mailClass, since, limit)),
    deviations: (since) => read((sql) => deviationCounts(sql, since)),
    admit: (what, now) => write((sql) => admitReports(sql, what, now)),
    admittedSenders: () => read(admittedSenders),
    reportsOf: (key) => read((sql) => reportsOfKey(sql, key)),
    original: (rawSha256) => originalOf(database, rawSha256),
    raws: () => rawMails(database),
    replaceReading: async (commit) => {
      const packed = await pack(commit)
      return write((sql) => rewriteMail(sql, packed))
    },
  }
}

async function pack(commit: MailCommit): Promise<PackedCommit> {
  return { commit, raw: commit.raw === null ? null : await packRaw(commit.raw) }
}

/** More at once would hold up what else waits for the database. */
const UIDS_AT_ONCE = 1_000

async function unread(database: Database, place: MailboxPlace, uids: readonly number[], now: number) {
  const found: { readonly uid: number; readonly attempts: number }[] = []
  for (let from = 0; from < uids.length; from += UIDS_AT_ONCE) {
    const some = uids.slice(from, from + UIDS_AT_ONCE)
    found.push(...(await database.read((sql) => unreadOf(sql, place, some, now))))
  }
  return found
}
