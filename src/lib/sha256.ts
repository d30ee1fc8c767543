import { createHash } from 'node:crypto'

/** Lower-case hex SHA-512 of bytes. */
export function sha512(content: Uint8Array): string {
  return createHash('sha512').update(content).digest('hex')
}

/** Lower-case hex SHA-256 of text (as UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
