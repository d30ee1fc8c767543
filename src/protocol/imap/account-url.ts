import { err, ok, type Result } from '../../lib/result.ts'
import type { Secret } from '../../lib/secret.ts'
import { parseServerUrl, type Schemes, type ServerAddress } from '../server-url.ts'

/** The mailbox of TLS reports: where it is and whose it is. */
export interface ImapServer extends ServerAddress {
  readonly user: string
}

const SCHEMES: Schemes = {
  implicit: { name: 'imaps', port: 993 },
  plain: { name: 'imap', port: 143 },
  example: 'imaps://user:password@mail.example.net',
}

const CONTROL = /\p{Cc}/u

/**
 * Reads `imaps://user:password@host:port` or `imap://…` (user and password percent-encoded). The password may be
 * missing, for one who logs in with a token. The error is a sentence for the operator and never holds any part of the value.
 */
export function parseAccountUrl(secret: Secret): Result<ImapServer, string> {
  const address = parseServerUrl(secret, SCHEMES)
  if (!address.ok) return address
  const { user, password } = address.value
  if (user === null) return err(`names no user; write ${SCHEMES.example}`)
  // RFC 4616 §2 separates them by NUL, and a line break would begin another command.
  if (CONTROL.test(user) || CONTROL.test(password?.reveal() ?? '')) {
    return err('has a control character in user or password')
  }
  return ok({ ...address.value, user })
}
