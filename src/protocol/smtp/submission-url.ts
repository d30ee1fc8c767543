import { err, type Result } from '../../lib/result.ts'
import type { Secret } from '../../lib/secret.ts'
import { parseServerUrl, type Schemes, type ServerAddress } from '../server-url.ts'

/** Where our mail is handed in, and how. */
export type SmtpServer = ServerAddress

const SCHEMES: Schemes = {
  implicit: { name: 'smtps', port: 465 },
  plain: { name: 'smtp', port: 587 },
  example: 'smtps://user:password@mail.example.net',
}

/**
 * Reads `smtp://user:password@host:port` or `smtps://…` (user and password percent-encoded). The error is a sentence
 * for the operator and never holds any part of the value.
 */
export function parseSubmissionUrl(secret: Secret): Result<SmtpServer, string> {
  const address = parseServerUrl(secret, SCHEMES)
  if (!address.ok) return address
  const { user, password } = address.value
  return (user === null) === (password === null) ? address : err('needs both user and password, or neither')
}
