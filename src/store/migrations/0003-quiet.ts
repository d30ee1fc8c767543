import type { Migration } from '../migrate.ts'

/** What people said about being told: acknowledgements, silences, rows that are held back; and messages of many threads. */
export const quiet: Migration = {
  version: 3,
  statements: [
    // The newest one of an incident. `transitions`: how many told transitions it was given for.
    `create table acknowledgement (
      incident text primary key references incident (id) on delete cascade,
      transitions integer not null,
      body text not null
    ) strict, without rowid`,
    // `until_at`: moved forward to the instant at which somebody ended it.
    `create table silence (
      id text primary key,
      until_at integer not null,
      created_at integer not null,
      body text not null
    ) strict, without rowid`,
    'create index silence_until on silence (until_at)',
    // 1: this delivery holds rows of several threads.
    'alter table outbox add column digest integer not null default 0',
    `create index outbox_held on outbox (incident) where state = 'held'`,
    'create index outbox_delivery on outbox (delivery) where open = 1',
    // What was sent lately, for the budget of a channel.
    `create index outbox_sent on outbox (channel, sent_at) where state = 'sent'`,
  ],
}
