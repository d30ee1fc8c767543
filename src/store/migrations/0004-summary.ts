import type { Migration } from '../migrate.ts'

/** How well the monitor saw, for summaries: what its looks could tell, and when it did not run. */
export const summary: Migration = {
  version: 4,
  statements: [
    // `day_at`: midnight UTC. `undecided`: looks that left something open.
    `create table look_day (
      domain text not null,
      day_at integer not null,
      looks integer not null,
      undecided integer not null,
      primary key (domain, day_at)
    ) strict, without rowid`,
    'create table downtime (from_at integer primary key, until_at integer not null) strict',
    // 1: a message of its own, in no digest.
    'alter table outbox add column alone integer not null default 0',
    'create index incident_ended on incident (ended_at)',
  ],
}
