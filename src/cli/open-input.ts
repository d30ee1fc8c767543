import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Io } from './io.ts'

export type InputSource = AsyncIterable<Uint8Array | string>

/** The file's content, or standard input when `file` is null or "-". Null, and a line on io.err, when it cannot be read. */
export async function openInput(file: string | null, io: Io): Promise<InputSource | null> {
  try {
    return file === null || file === '-' ? io.stdin : await openFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    io.err(`cannot read ${file}: ${reason}; name a readable file, or none to read standard input\n`)
    return null
  }
}

async function openFile(file: string): Promise<InputSource> {
  const handle = await open(file)
  try {
    if ((await handle.stat()).isDirectory()) throw new Error('it is a directory')
    return createReadStream(file, { fd: handle })
  } catch (error) {
    await handle.close()
    throw error
  }
}
