import type { Generated } from 'kysely'

/** The tables as the newest migration leaves them, for kysely. Meanings stand beside the SQL. */
export interface Schema {
  meta: { key: string; value: string }
  content: { id: Generated<number>; hash: Uint8Array; body: string }
  part: { id: Generated<number>; name: string }
  watched: {
    id: Generated<number>
    domain: string
    snapshot: string
    state: Uint8Array
    first_at: number
    last_at: number
    looks: number
  }
  look: {
    watched: number
    part: number
    first_look: number
    first_at: number
    last_look: number | null
    last_at: number | null
    answered: number
    content: number
  }
  host_address: { host: string; address: string; first_seen_at: number; last_seen_at: number }
  policy_version: {
    id: Generated<number>
    domain: string
    record_id: string | null
    body_sha256: string
    body: string
    mode: string
    max_age_seconds: number
    mx_patterns: string
    first_seen_at: number
    last_seen_at: number
    horizon_at: number
  }
  change: { id: Generated<number>; domain: string; at: number; body: string }
  incident: {
    number: Generated<number>
    id: string
    key: string
    domain: string | null
    thread: string
    code: string
    subject: string | null
    phase: string
    live: number
    confirmed: number
    flapping: number
    first_seen_at: number
    ended_at: number | null
    body: string
  }
  transition: { id: Generated<number>; incident: string; body: string }
  outbox: {
    seq: Generated<number>
    id: string
    dedupe_key: string
    channel: string
    thread: string
    incident: string | null
    due_at: number
    state: string
    open: number
    delivery: string | null
    ambiguous: number
    attempts: number
    first_attempt_at: number | null
    lease: string | null
    payload: string | null
    reference: string | null
    last_error: string | null
    sent_at: number | null
    body: string
    digest: Generated<number>
  }
  acknowledgement: { incident: string; transitions: number; body: string }
  silence: { id: string; until_at: number; created_at: number; body: string }
  thread_reference: { channel: string; thread: string; reference: string }
  job: {
    id: Generated<number>
    key: string
    kind: string
    argument: string
    schedule: string | null
    slot_at: number | null
    due_at: number
    ready_at: number
    state: string
    open: number
    lease: string | null
    attempts: number
  }
}
