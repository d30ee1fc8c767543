import type { Migration } from '../migrate.ts'

/** How well the monitor saw, for summaries: what its looks could tell, and when it did not run. */
export const summary: Migration = {
  version: 3,
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
    'create index incident_ended on incident (ended_at)',
  ],
}
