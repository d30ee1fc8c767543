import type { Migration } from '../migrate.ts'

/** What senders told us: mails, the TLS reports in them, and their numbers. Hashes are hex. */
export const reports: Migration = {
  version: 2,
  statements: [
    // A folder in one of its lives. `turn`: the one read last has the highest.
    `create table mailbox_place (
      id integer primary key,
      account text not null,
      folder text not null,
      uid_validity text not null,
      turn integer not null,
      unique (account, folder, uid_validity)
    ) strict`,
    // A mail by place and uid, or a file by its hash. Its id is given when it ends, so ids are in the order of reading.
    // attempts: begun and not ended. awaiting: the server is to be told. claimed: the domain of from_header.
    // duplicates, refused: how many of its reports are not kept.
    `create table mail (
      id integer primary key autoincrement,
      place integer references mailbox_place (id),
      uid integer,
      file_sha256 text unique,
      state text not null check (state in ('attempted', 'postponed', 'accepted', 'duplicate', 'conflict',
        'quarantined', 'rejected', 'not-a-report')),
      reason text,
      attempts integer not null,
      due_at integer,
      awaiting integer not null,
      acted_at integer,
      received_at integer not null,
      size_bytes integer not null,
      raw_sha256 text,
      message_id text,
      from_header text,
      claimed text,
      subject text,
      authenticity text,
      deviations text,
      duplicates integer not null,
      refused integer not null,
      unique (place, uid),
      check ((place is null) = (uid is null) and (place is null) <> (file_sha256 is null))
    ) strict`,
    'create index mail_received on mail (received_at, state)',
    'create index mail_awaiting on mail (place, uid) where awaiting = 1',
    // `last_at`: when the newest mail with these bytes arrived.
    `create table raw (
      sha256 text not null unique,
      last_at integer not null,
      deflated integer not null,
      bytes blob not null
    ) strict`,
    'create index raw_last on raw (last_at)',

    // `sender`: who signed, or with signed = 0 who is claimed; empty when nobody is. `counts`: standing counted or admitted.
    `create table report (
      number integer primary key,
      id text not null unique,
      mail integer not null references mail (id) on delete cascade,
      position integer not null,
      identity text not null,
      content_sha256 text not null,
      standing text not null check (standing in ('counted', 'admitted', 'quarantined', 'conflict')),
      counts integer not null check (counts = (standing in ('counted', 'admitted'))),
      sender text not null,
      signed integer not null,
      vouched_at integer,
      imported integer not null,
      received_at integer not null,
      organization text,
      policies integer not null,
      deviations text not null,
      body text not null,
      unique (mail, position)
    ) strict`,
    'create index report_identity on report (identity)',
    'create index report_content on report (content_sha256)',
    'create index report_sender on report (sender, signed, imported, received_at, mail)',
    'create index report_received on report (received_at)',
    // A policy of a report as it concerns one domain; null: a host that several watched domains share. `crowd`: sender and day of
    // arrival, by which floods are told (S22); null for what the operator imported.
    `create table report_policy (
      id integer primary key,
      report integer not null references report (number) on delete cascade,
      domain text,
      mx text,
      day_at integer not null,
      counts integer not null,
      failing integer not null,
      crowd text,
      body text not null
    ) strict`,
    'create index report_policy_crowd on report_policy (crowd, domain) where crowd is not null',
    'create index report_policy_report on report_policy (report)',
    'create index report_policy_domain on report_policy (domain, counts, day_at)',
    'create index report_policy_day on report_policy (day_at) where counts = 1',
    // Days of arrival, with the reports of the day that count.
    `create table reporter_day (
      reporter text not null,
      day_at integer not null,
      reports integer not null,
      primary key (reporter, day_at)
    ) strict, without rowid`,
    `create table admitted_sender (
      sender text primary key,
      admitted_at integer not null
    ) strict, without rowid`,
  ],
}
