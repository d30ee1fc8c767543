import type { Generated } from 'kysely'
import type { MailClass, Standing } from '../model/received-report.ts'

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
    alone: Generated<number>
  }
  probe_session: { domain: string; day_at: number; body: string; sessions: number }
  canary: {
    report_id: string
    submission: string
    rua: string
    slot_at: number
    arrived_at: number | null
    read_at: number | null
    authenticity: string | null
  }
  submission: {
    number: Generated<number>
    id: string
    domain: string
    day_at: number
    rua: string
    body: string
    state: string
    open: number
    ready_at: number
    lease: string | null
    attempts: number
    first_at: number | null
    settled_at: number | null
    note: string | null
  }
  suppressed_rua: { rua: string; refusals: number; until_at: number | null }
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
  mailbox_place: {
    id: Generated<number>
    account: string
    folder: string
    uid_validity: string
    turn: number
  }
  mail: {
    id: Generated<number>
    place: number | null
    uid: number | null
    file_sha256: string | null
    state: MailClass | 'attempted'
    reason: string | null
    attempts: number
    due_at: number | null
    awaiting: number
    acted_at: number | null
    received_at: number
    size_bytes: number
    raw_sha256: string | null
    message_id: string | null
    from_header: string | null
    claimed: string | null
    subject: string | null
    authenticity: string | null
    deviations: string | null
    duplicates: number
    refused: number
  }
  raw: { sha256: string; last_at: number; deflated: number; bytes: Uint8Array }
  report: {
    number: Generated<number>
    id: string
    mail: number
    position: number
    identity: string
    content_sha256: string
    standing: Standing
    counts: number
    sender: string
    signed: number
    vouched_at: number | null
    imported: number
    received_at: number
    organization: string | null
    policies: number
    deviations: string
    body: string
  }
  report_policy: {
    id: Generated<number>
    report: number
    domain: string | null
    mx: string | null
    day_at: number
    counts: number
    failing: number
    crowd: string | null
    body: string
  }
  reporter_day: { reporter: string; day_at: number; reports: number }
  admitted_sender: { sender: string; admitted_at: number }
  look_day: { domain: string; day_at: number; looks: number; undecided: number }
  downtime: { from_at: number; until_at: number }
}
