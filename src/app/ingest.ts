import type { WatchedNames } from '../check/attribution.ts'
import type { NewId } from '../lib/id.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Clock, UnixMs } from '../lib/time.ts'
import type { Intake, IntakeOrigin } from '../mailbox/intake.ts'
import type { ReportSource } from '../model/received-report.ts'
import type { MailCommit, MailKey } from '../store/report-store.ts'
import { mailVerdict } from './mail-verdict.ts'

/** A mail or file that has arrived, and how. */
export interface Arrival {
  readonly key: MailKey
  readonly source: ReportSource
  readonly origin: IntakeOrigin
  readonly receivedAt: UnixMs
  readonly bytes: Uint8Array
}

export interface IngestTools {
  readonly intake: Intake
  readonly watched: WatchedNames
  readonly clock: Clock
  readonly newId: NewId
  /** Whether the bytes of reports are kept for `reports reparse`. */
  readonly keepRaw: boolean
}

/**
 * Reads a mail or file and gives what is to be written of it. Mail that is no report is not kept: it may be private.
 * Rejects only when the intake does, or `signal` aborts.
 */
export async function ingest(arrival: Arrival, tools: IngestTools, signal: AbortSignal): Promise<MailCommit> {
  const { key, source, origin, receivedAt, bytes } = arrival
  const rawSha256 = sha256(bytes)
  const { mail, result } = await tools.intake.read(bytes, origin, signal)
  const verdict = mailVerdict(result, {
    now: tools.clock.now(),
    receivedAt,
    rawSha256,
    source,
    watched: tools.watched,
    newId: tools.newId,
  })
  const isKept = tools.keepRaw && (verdict.kind === 'reports' || verdict.kind === 'rejected')
  return {
    key,
    rawSha256,
    sizeBytes: bytes.length,
    receivedAt,
    messageId: mail?.messageId ?? null,
    from: mail?.from ?? null,
    subject: mail?.subject ?? null,
    verdict,
    raw: isKept ? bytes : null,
  }
}
