import { type FileHandle, open } from 'node:fs/promises'
import type { ConfigProblem } from './config-problem.ts'
import type { LoadContext } from './load-context.ts'
import { type LoadedConfig, parseWatchConfig } from './parse-watch-config.ts'

export type { LoadedConfig }

const MAX_BYTES = 1024 * 1024

/** Reads and judges watch.yaml. Every failure, of the file system too, is a problem and none is thrown. */
export async function loadWatchConfig(file: string, context: LoadContext): Promise<LoadedConfig> {
  const read = await readConfigText(file)
  if (read.ok) return parseWatchConfig(read.text, file, context)
  return { ok: false, problems: [wholeFile(file, read.message)] }
}

/** The text of the file, or a sentence that says why there is none. */
export async function readConfigText(
  file: string,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }> {
  let bytes: Uint8Array
  try {
    await using handle = await open(file)
    bytes = await readAtMost(handle, MAX_BYTES + 1)
  } catch (error) {
    return { ok: false, message: whyUnreadable(error) }
  }
  if (bytes.length > MAX_BYTES) return { ok: false, message: 'the file is larger than 1 MiB' }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, message: 'the file is not UTF-8 text' }
  }
}

async function readAtMost(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit)
  let length = 0
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
      return 'there is no such file; the smallest one is: domains: [example.com]'
    case 'EACCES':
      return 'this user may not read the file'
    case 'EISDIR':
      return 'this is a directory, not a file'
    default:
      return `the file cannot be read (${code ?? 'unknown error'})`
  }
}

function wholeFile(file: string, message: string): ConfigProblem {
  const none = { path: '', found: null, allowed: null, suggestion: null, sourceLine: null }
  return { file, line: 1, column: 1, ...none, message, width: 1 }
}
