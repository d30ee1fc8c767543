import type { Migration } from '../migrate.ts'

/** The first schema. Instants are milliseconds since 1970; `body` columns hold JSON. */
export const init: Migration = {
  version: 1,
  statements: [
    'create table meta (key text primary key, value text not null) strict, without rowid',

    // What was seen, each different thing once.
    'create table content (id integer primary key, hash blob not null unique, body text not null) strict',
    'create table part (id integer primary key, name text not null unique) strict',
    `create table watched (
      id integer primary key,
      domain text not null unique,
      snapshot text not null,
      state blob not null,
      first_at integer not null,
      last_at integer not null,
      looks integer not null
    ) strict`,
    // A run: one part of one domain showed one content from its first look to its last; last_* null while it still does.
    `create table look (
      watched integer not null references watched (id),
      part integer not null references part (id),
      first_look integer not null,
      first_at integer not null,
      last_look integer,
      last_at integer,
      answered integer not null,
      content integer not null references content (id),
      primary key (watched, part, first_look)
    ) strict, without rowid`,
    // last_look is named although it is always null here: two columns that match make SQLite prefer it to the key.
    'create index look_current on look (watched, last_look) where last_look is null',
    'create index look_content on look (content)',
    'create index look_part on look (part)',
    `create table host_address (
      host text not null,
      address text not null,
      first_seen_at integer not null,
      last_seen_at integer not null,
      primary key (host, address)
    ) strict, without rowid`,
    `create table policy_version (
      id integer primary key,
      domain text not null,
      record_id text,
      body_sha256 text not null,
      body text not null,
      mode text not null,
      max_age_seconds integer not null,
      mx_patterns text not null,
      first_seen_at integer not null,
      last_seen_at integer not null,
      horizon_at integer not null
    ) strict`,
    // An id is never empty (RFC 8461 §3.1), so the empty text can stand for "no record seen".
    `create unique index policy_version_line on policy_version (domain, ifnull(record_id, ''), body_sha256)`,
    'create index policy_version_horizon on policy_version (horizon_at)',
    `create table change (
      id integer primary key,
      domain text not null,
      at integer not null,
      body text not null
    ) strict`,
    'create index change_domain on change (domain, at)',
    'create index change_at on change (at)',

    // What it meant.
    `create table incident (
      number integer primary key,
      id text not null unique,
      key text not null,
      domain text,
      thread text not null,
      code text not null,
      subject text,
      phase text not null,
      live integer not null,
      confirmed integer not null,
      flapping integer not null,
      first_seen_at integer not null,
      ended_at integer,
      body text not null
    ) strict`,
    'create unique index incident_live_key on incident (key) where live = 1',
    'create index incident_live_cause on incident (code, subject) where live = 1',
    'create index incident_domain on incident (domain, ended_at)',
    'create index incident_thread on incident (thread)',
    'create index incident_first_seen on incident (first_seen_at)',
    `create table transition (
      id integer primary key,
      incident text not null references incident (id) on delete cascade,
      body text not null
    ) strict`,
    'create index transition_incident on transition (incident)',

    // What will be said. `open` = 1 until sent, merged or dead.
    `create table outbox (
      seq integer primary key autoincrement,
      id text not null unique,
      dedupe_key text not null unique,
      channel text not null,
      thread text not null,
      incident text,
      due_at integer not null,
      state text not null,
      open integer not null,
      delivery text,
      ambiguous integer not null,
      attempts integer not null,
      first_attempt_at integer,
      lease text,
      payload text,
      reference text,
      last_error text,
      sent_at integer,
      body text not null
    ) strict`,
    'create index outbox_channel on outbox (channel, seq) where open = 1',
    'create index outbox_thread on outbox (channel, thread, seq) where open = 1',
    'create index outbox_due on outbox (due_at) where open = 1',
    'create index outbox_incident on outbox (incident)',
    `create table thread_reference (
      channel text not null,
      thread text not null,
      reference text not null,
      primary key (channel, thread)
    ) strict, without rowid`,

    // What will be done. `ready_at`: when it is due, or the end of its lease.
    `create table job (
      id integer primary key,
      key text not null unique,
      kind text not null,
      argument text not null,
      schedule text,
      slot_at integer,
      due_at integer not null,
      ready_at integer not null,
      state text not null,
      open integer not null,
      lease text,
      attempts integer not null
    ) strict`,
    'create index job_ready on job (ready_at) where open = 1',
    'create index job_slot on job (schedule, slot_at)',
  ],
}
