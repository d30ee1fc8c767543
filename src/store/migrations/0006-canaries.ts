import type { Migration } from '../migrate.ts'

/** TLS reports to ourselves: which were sent, and when each arrived. */
export const canaries: Migration = {
  version: 6,
  statements: [
    // `submission`: the id of what carries it. `arrived_at`: by the mailbox. `authenticity`: an Authenticity.
    `create table canary (
      report_id text primary key,
      submission text not null,
      rua text not null,
      slot_at integer not null,
      arrived_at integer,
      read_at integer,
      authenticity text
    ) strict, without rowid`,
    'create index canary_rua on canary (rua, slot_at)',
  ],
}
