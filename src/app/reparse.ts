import { basename } from 'node:path'
import type { Intake, IntakeReading } from '../mailbox/intake.ts'
import type { Authenticity, MailClass, ReceivedReport, ReportSource } from '../model/received-report.ts'
import type { MailCommit, MailKey, RawMail, ReportStore } from '../store/report-store.ts'
import { type IngestTools, ingest } from './ingest.ts'

/** One mail or file that was read again. */
export interface Reparsed {
  readonly key: MailKey
  readonly before: readonly ReceivedReport[]
  /** What was made of it now. */
  readonly commit: MailCommit
  /** Null: it could not be judged just now, and stays as it was. */
  readonly mailClass: MailClass | null
}

/**
 * Reads again what is kept, oldest first, and puts each new reading in place of the old one. Who answers for a mail was
 * found out when it came and stays so: keys are withdrawn, and their absence says nothing about it.
 */
export async function* reparse(
  reports: ReportStore,
  tools: IngestTools,
  signal: AbortSignal,
): AsyncGenerator<Reparsed> {
  for await (const raw of reports.raws()) {
    const before = await reports.reportsOf(raw.key)
    const source = before[0]?.source ?? sourceOf(raw.key)
    const intake = withAuthenticity(tools.intake, raw.authenticity)
    const arrival = {
      key: raw.key,
      source,
      origin: originOf(source),
      receivedAt: raw.receivedAt,
      bytes: raw.bytes,
    }
    const commit = await ingest(arrival, { ...tools, intake }, signal)
    const isJudged = commit.verdict.kind !== 'postponed'
    const mailClass = isJudged ? (await reports.replaceReading(commit)).mailClass : null
    yield { key: raw.key, before, commit, mailClass }
  }
}

function sourceOf(key: MailKey): ReportSource {
  return key.kind === 'file' ? { via: 'file', path: key.sha256 } : { via: 'imap', ...key.place, uid: key.uid }
}

function originOf(source: ReportSource) {
  return source.via === 'imap'
    ? ({ kind: 'mail' } as const)
    : ({ kind: 'file', name: basename(source.path) } as const)
}

/** An intake that finds who answered for the mail when it came. */
function withAuthenticity(intake: Intake, authenticity: RawMail['authenticity']): Intake {
  if (authenticity === null || authenticity.trust === 'unverified') return intake
  return {
    read: async (bytes, origin, signal) => answered(await intake.read(bytes, origin, signal), authenticity),
    [Symbol.asyncDispose]: () => intake[Symbol.asyncDispose](),
  }
}

function answered(reading: IntakeReading, authenticity: Authenticity): IntakeReading {
  return reading.result.kind === 'reports'
    ? { ...reading, result: { ...reading.result, authenticity } }
    : reading
}
