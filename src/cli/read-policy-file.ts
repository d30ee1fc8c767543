import { isUtf8 } from 'node:buffer'
import type { SupposedPolicy } from '../model/supposition.ts'
import { EXIT, type Io } from './io.ts'
import { openInput } from './open-input.ts'

/** Senders stop at 64 KiB. */
const MOST_BYTES = 2 * 1024 * 1024

/** A policy as a file holds it, or the exit status after a line on io.err said why it cannot be read; `-` is standard input. */
export async function readPolicyFile(file: string, io: Io): Promise<SupposedPolicy | number> {
  const source = await openInput(file, io)
  if (source === null) return EXIT.noInput
  const from = file === '-' ? 'standard input' : file
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of source) {
      const bytes = Buffer.from(chunk)
      size += bytes.length
      if (size > MOST_BYTES) {
        io.err(`${from}: larger than 2 MiB; that is no policy\n`)
        return EXIT.badData
      }
      chunks.push(bytes)
    }
  } catch (error) {
    io.err(`cannot read ${from}: ${(error as Error).message}\n`)
    return EXIT.noInput
  }
  const bytes = Buffer.concat(chunks)
  return { from, body: bytes.toString('utf8'), validUtf8: isUtf8(bytes) }
}
