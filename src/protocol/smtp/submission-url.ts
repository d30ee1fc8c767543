import { isIP } from 'node:net'
import { err, ok, type Result } from '../../lib/result.ts'
import { Secret } from '../../lib/secret.ts'
import { parseDomainName } from '../domain-name.ts'

/** Where our mail is handed in, and how. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /**
   * implicit: TLS from the first byte. starttls: no message without it. loopback: STARTTLS when offered, the
   * certificate unchecked, because nobody is on that wire but this machine.
   */
  readonly security: 'implicit' | 'starttls' | 'loopback'
  readonly user: string | null
  readonly password: Secret | null
}

const DEFAULT_PORT = { 'smtps:': 465, 'smtp:': 587 }

/**
 * Reads `smtp://user:password@host:port` or `smtps://…` (user and password percent-encoded). The error is a sentence
 * for the operator and never holds any part of the value.
 */
export function parseSubmissionUrl(secret: Secret): Result<SmtpServer, string> {
  const url = URL.parse(secret.reveal().trim())
  if (url === null) return err('is no URL; write smtps://user:password@mail.example.net (RFC 8314)')
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') return err('must begin with smtp:// or smtps://')
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    return err(
      'must end after host and port: a path, ? or # has no meaning (percent-encode them in a password)',
    )
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(host) === 0 && parseDomainName(host) === null) return err('names no valid host')
  const user = decoded(url.username)
  const password = decoded(url.password)
  if (user === null || password === null)
    return err('has a % in user or password that is no percent-encoding')
  if ((user === '') !== (password === '')) return err('needs both user and password, or neither')
  const port = url.port === '' ? DEFAULT_PORT[url.protocol] : Number(url.port)
  const security = url.protocol === 'smtps:' ? 'implicit' : isLoopback(host) ? 'loopback' : 'starttls'
  return ok({
    host,
    port,
    security,
    user: user === '' ? null : user,
    password: password === '' ? null : new Secret(password),
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
