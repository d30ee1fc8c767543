import { basename } from 'node:path'
import { sha256 } from '../lib/sha256.ts'
import type { ReportFile } from '../mailbox/report-files.ts'
import type { PathProblem } from '../mailbox/walk-paths.ts'
import type { MailClass, ReportId } from '../model/received-report.ts'
import type { CommittedMail, MailCommit, MailVerdict, ReportStore } from '../store/report-store.ts'
import { type IngestTools, ingest } from './ingest.ts'

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

type ReadFile = Exclude<ImportedFile, { readonly problem: PathProblem }>

/** Files of one transaction (R50). */
const BATCH = 50

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
    // Large files are not collected: memory is bounded by bytes as well.
    if (batch.length < BATCH && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

const BATCH_BYTES = 8 * 2 ** 20

async function importBatch(
  batch: readonly ReportFile[],
  reports: ReportStore,
  tools: IngestTools,
  signal: AbortSignal,
): Promise<readonly ImportedFile[]> {
  const commits = new Map<string, MailCommit>()
  const names: (
    | Extract<ImportedFile, { readonly problem: PathProblem }>
    | { name: string; hash: string; isNew: boolean }
  )[] = []
  for (const file of batch) {
    if ('problem' in file) {
      names.push(file)
      continue
    }
    const hash = sha256(file.bytes)
    const isNew = !commits.has(hash) && !(await reports.isImported(hash))
    names.push({ name: file.name, hash, isNew })
    if (isNew) commits.set(hash, await ingest(arrivalOf(file, hash, tools), tools, signal))
  }
  const written = commits.size === 0 ? [] : await reports.commitMails([...commits.values()])
  const byHash = new Map(written.map((mail) => [mail.key.kind === 'file' ? mail.key.sha256 : '', mail]))
  return names.map((named) =>
    'problem' in named
      ? named
      : told(named.name, named.hash, named.isNew ? byHash.get(named.hash) : undefined, commits),
  )
}

function arrivalOf(
  file: Extract<ReportFile, { readonly bytes: Uint8Array }>,
  hash: string,
  { clock }: IngestTools,
) {
  return {
    key: { kind: 'file', sha256: hash },
    source: { via: 'file', path: file.name },
    origin: file.isMail ? { kind: 'mail' } : { kind: 'file', name: basename(file.name) },
    receivedAt: clock.now(),
    bytes: file.bytes,
  } as const
}

function told(
  name: string,
  hash: string,
  mail: CommittedMail | undefined,
  commits: ReadonlyMap<string, MailCommit>,
): ReadFile {
  if (mail === undefined) return { name, sha256: hash, mailClass: 'duplicate', verdict: null, counted: [] }
  return {
    name,
    sha256: hash,
    mailClass: mail.mailClass,
    verdict: commits.get(hash)?.verdict ?? null,
    counted: mail.counted,
  }
}
