import type { Migration } from '../migrate.ts'

/** Our own TLS reports: what they count, where they go, and who does not want them. */
export const submissions: Migration = {
  version: 5,
  statements: [
    // `day_at`: midnight UTC. `body`: a ProbeSession.
    `create table probe_session (
      domain text not null,
      day_at integer not null,
      body text not null,
      sessions integer not null,
      primary key (domain, day_at, body)
    ) strict, without rowid`,
    'create index probe_session_day on probe_session (day_at)',
    // `first_at`: of the first attempt. `ready_at`: when it is due, or its lease runs out.
    `create table submission (
      number integer primary key,
      id text not null unique,
      domain text not null,
      day_at integer not null,
      rua text not null,
      body text not null,
      state text not null,
      open integer not null,
      ready_at integer not null,
      lease text,
      attempts integer not null,
      first_at integer,
      settled_at integer,
      note text,
      unique (domain, day_at, rua)
    ) strict`,
    'create index submission_ready on submission (ready_at) where open = 1',
    'create index submission_rua on submission (rua, day_at)',
    // `refusals`: in a row. `until_at`: null while there are too few.
    `create table suppressed_rua (
      rua text primary key,
      refusals integer not null,
      until_at integer
    ) strict, without rowid`,
  ],
}
