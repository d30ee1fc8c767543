import { basename } from 'node:path'
import { sha256 } from '../lib/sha256.ts'
import { IntakeFailure } from '../mailbox/intake-failure.ts'
import type { ReportFile } from '../mailbox/report-files.ts'
import type { PathProblem } from '../mailbox/walk-paths.ts'
import type { MailClass, ReportId } from '../model/received-report.ts'
import type { CommittedMail, MailCommit, MailVerdict, ReportStore } from '../store/report-store.ts'
import { type Arrival, type IngestTools, ingest } from './ingest.ts'

/** What became of one file. */
export type ImportedFile =
  | { readonly name: string; readonly problem: PathProblem }
  | {
      readonly name: string
      readonly sha256: string
      readonly mailClass: MailClass
      /** Null when a file with these bytes was imported before: it was not read again. */
      readonly verdict: MailVerdict | null
      /** The reports that count and are new. */
      readonly counted: readonly ReportId[]
    }

/** Files of one transaction (R50), and their bytes: large ones are not collected. */
const BATCH = 50
const BATCH_BYTES = 8 * 2 ** 20

/**
 * Reads the files and writes what they hold, a batch in one transaction; then gives what became of each of the batch. Cut
 * off at any point, the next run goes on: bytes that were imported are not read again. Rejects when the store or the
 * intake fails, or `signal` aborts.
 */
export async function* importFiles(
  files: AsyncIterable<ReportFile>,
  reports: ReportStore,
  tools: IngestTools,
  signal: AbortSignal,
): AsyncGenerator<readonly ImportedFile[]> {
  for await (const batch of batches(files)) yield await importBatch(batch, reports, tools, signal)
}

async function* batches(files: AsyncIterable<ReportFile>): AsyncGenerator<readonly ReportFile[]> {
  let batch: ReportFile[] = []
  let bytes = 0
  for await (const file of files) {
    batch.push(file)
    bytes += 'bytes' in file ? file.bytes.length : 0
    if (batch.length < BATCH && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

async function importBatch(
  batch: readonly ReportFile[],
  reports: ReportStore,
  tools: IngestTools,
  signal: AbortSignal,
): Promise<readonly ImportedFile[]> {
  const readings = await readNew(batch, reports, tools, signal)
  const commits = [...readings.values()].filter((reading) => 'verdict' in reading)
  const written = commits.length === 0 ? [] : await reports.commitMails(commits)
  const results = new Map(written.map((mail) => [hashOf(mail), mail]))
  return batch.map((file): ImportedFile => {
    if ('problem' in file) return file
    const { name } = file
    const hash = sha256(file.bytes)
    const reading = readings.get(hash)
    if (reading !== undefined && 'problem' in reading) return { name, problem: reading.problem }
    const mail = results.get(hash)
    // The second of two equal files in one batch is one that was imported before.
    results.delete(hash)
    return mail === undefined || reading === undefined
      ? { name, sha256: hash, mailClass: 'duplicate', verdict: null, counted: [] }
      : { name, sha256: hash, mailClass: mail.mailClass, verdict: reading.verdict, counted: mail.counted }
  })
}

type Reading = MailCommit | { readonly problem: PathProblem }

/** By hash what each file says that was not imported before; they are read side by side. */
async function readNew(
  batch: readonly ReportFile[],
  reports: ReportStore,
  tools: IngestTools,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Reading>> {
  const fresh = new Map<string, Arrival>()
  for (const file of batch) {
    if ('problem' in file) continue
    const hash = sha256(file.bytes)
    if (!fresh.has(hash) && !(await reports.isImported(hash))) fresh.set(hash, arrivalOf(file, hash, tools))
  }
  const reading = [...fresh].map(
    async ([hash, arrival]) => [hash, await read(arrival, tools, signal)] as const,
  )
  return new Map(await Promise.all(reading))
}

/** What the reading thread could not stand is one file's problem. */
async function read(arrival: Arrival, tools: IngestTools, signal: AbortSignal): Promise<Reading> {
  try {
    return await ingest(arrival, tools, signal)
  } catch (error) {
    if (!(error instanceof IntakeFailure) || error.kind === 'closed') throw error
    return { problem: { kind: 'unreadable', message: `could not be read to its end: ${error.message}` } }
  }
}

function arrivalOf(
  { name, bytes, isMail }: Extract<ReportFile, { readonly bytes: Uint8Array }>,
  hash: string,
  { clock }: IngestTools,
): Arrival {
  return {
    key: { kind: 'file', sha256: hash },
    source: { via: 'file', path: name },
    origin: isMail ? { kind: 'mail' } : { kind: 'file', name: basename(name) },
    receivedAt: clock.now(),
    bytes,
  }
}

function hashOf({ key }: CommittedMail): string {
  return key.kind === 'file' ? key.sha256 : ''
}
