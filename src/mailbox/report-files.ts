/** The files and mails that `reports import` reads, wherever the paths lead. */

import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { INTAKE_LIMITS } from './limits.ts'
import { isMbox, mboxMails } from './mbox.ts'
import { type FoundPath, type PathProblem, pathProblem, walkPaths } from './walk-paths.ts'

export type ReportFile =
  /** `isMail`: known to be one by where it lay. */
  | { readonly name: string; readonly bytes: Uint8Array; readonly isMail: boolean }
  | { readonly name: string; readonly problem: PathProblem }

export type ByteSource = AsyncIterable<Uint8Array | string>

/** Beyond this no kind of file is looked at. */
const MAX_BYTES = Math.max(INTAKE_LIMITS.mailBytes, INTAKE_LIMITS.jsonBytes)
const MEBIBYTE = 2 ** 20
const STANDARD_INPUT = '-'
const CHUNK_BYTES = 2 ** 18

/**
 * How many files and mails `readReportFiles` will give, problems among them; standard input counts as one. Looks at the
 * beginning of files only, and through mbox files once.
 */
export async function countReportFiles(paths: readonly string[]): Promise<number> {
  let total = paths.filter((path) => path === STANDARD_INPUT).length
  for await (const found of walkPaths(paths.filter((path) => path !== STANDARD_INPUT))) {
    total += await countOf(found).catch(() => 1)
  }
  return total
}

async function countOf(found: FoundPath): Promise<number> {
  if (found.kind === 'problem' || found.isMail || !(await isMboxFile(found.path))) return 1
  let mails = 0
  for await (const _ of mboxMails(streamOf(found.path), 0)) mails += 1
  return mails
}

/**
 * Every file, and every mail of an mbox or Maildir, one at a time; "-" is `stdin`. Memory holds one of them. A file that
 * cannot be read, is empty, or larger than we read, comes as a problem; never rejects.
 */
export async function* readReportFiles(
  paths: readonly string[],
  stdin: ByteSource,
): AsyncGenerator<ReportFile> {
  for (const path of paths) {
    if (path === STANDARD_INPUT) yield* guarded('standard input', readStream('standard input', stdin))
    else
      for await (const found of walkPaths([path])) {
        if (found.kind === 'problem') yield { name: found.path, problem: found.problem }
        else yield* guarded(found.path, readFound(found))
      }
  }
}

/** What a file gave before it could be read no further, and then why. */
async function* guarded(name: string, files: AsyncIterable<ReportFile>): AsyncGenerator<ReportFile> {
  try {
    yield* files
  } catch (error) {
    yield { name, problem: pathProblem(error) }
  }
}

async function* readFound(found: Extract<FoundPath, { readonly kind: 'file' }>): AsyncGenerator<ReportFile> {
  const { path, sizeBytes, isMail } = found
  if (!isMail && (await isMboxFile(path))) yield* readMbox(path, streamOf(path))
  else if (sizeBytes > MAX_BYTES) yield tooLarge(path, sizeBytes, MAX_BYTES)
  else yield whole(path, await readBytes(streamOf(path)), isMail)
}

async function* readStream(name: string, stdin: ByteSource): AsyncGenerator<ReportFile> {
  const iterator = stdin[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < 5) {
    const { done, value } = await iterator.next()
    if (done) break
    head = Buffer.concat([head, typeof value === 'string' ? Buffer.from(value) : value])
  }
  const all = resumed(head, iterator)
  if (isMbox(head)) yield* readMbox(name, all)
  else yield whole(name, await readBytes(all), false)
}

async function* resumed(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

async function* readMbox(path: string, source: ByteSource): AsyncGenerator<ReportFile> {
  let number = 0
  for await (const { bytes, sizeBytes } of mboxMails(source, INTAKE_LIMITS.mailBytes)) {
    number += 1
    const name = `${path}#${number}`
    yield bytes === null ? tooLarge(name, sizeBytes, INTAKE_LIMITS.mailBytes) : whole(name, bytes, true)
  }
}

function whole(name: string, bytes: Uint8Array, isMail: boolean): ReportFile {
  if (bytes.length === 0) return { name, problem: { kind: 'unreadable', message: 'is empty' } }
  return bytes.length > MAX_BYTES ? tooLarge(name, bytes.length, MAX_BYTES) : { name, bytes, isMail }
}

function tooLarge(name: string, sizeBytes: number, maxBytes: number): ReportFile {
  const message = `is larger than we read: ${Math.ceil(sizeBytes / MEBIBYTE)} MiB or more; at most ${maxBytes / MEBIBYTE} MiB`
  return { name, problem: { kind: 'unreadable', message } }
}

/** All bytes, or one more than is read of any file. */
async function readBytes(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    chunks.push(bytes)
    total += bytes.length
    if (total > MAX_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES + 1)
}

async function isMboxFile(path: string): Promise<boolean> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path)
    const head = Buffer.alloc(5)
    await handle.read(head, 0, 5, 0)
    return isMbox(head)
  } finally {
    await handle?.close()
  }
}

function streamOf(path: string): ByteSource {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES })
}
