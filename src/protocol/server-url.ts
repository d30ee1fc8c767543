import { isIP } from 'node:net'
import { err, ok, type Result } from '../lib/result.ts'
import { Secret } from '../lib/secret.ts'
import { parseDomainName } from './domain-name.ts'

/** A server that is logged in to, as one URL names it. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /**
   * implicit: TLS from the first byte. starttls: no login and no message without it. loopback: STARTTLS when offered,
   * the certificate unchecked, because nobody is on that wire but this machine.
   */
  readonly security: 'implicit' | 'starttls' | 'loopback'
  readonly user: string | null
  readonly password: Secret | null
}

/** The two schemes of a protocol, with the port that each stands for. */
export interface Schemes {
  /** TLS from the first byte, e.g. `smtps`. */
  readonly implicit: { readonly name: string; readonly port: number }
  /** STARTTLS, e.g. `smtp`. */
  readonly plain: { readonly name: string; readonly port: number }
  /** What a good one looks like, for the error. */
  readonly example: string
}

/**
 * Reads `scheme://user:password@host:port` (user and password percent-encoded). The error is a sentence for the
 * operator, to follow the name of the variable, and never holds any part of the value.
 */
export function parseServerUrl(
  secret: Secret,
  { implicit, plain, example }: Schemes,
): Result<ServerAddress, string> {
  const url = URL.parse(secret.reveal().trim())
  if (url === null) return err(`is no URL; write ${example} (RFC 8314)`)
  const scheme = [implicit, plain].find(({ name }) => url.protocol === `${name}:`)
  if (scheme === undefined) return err(`must begin with ${plain.name}:// or ${implicit.name}://`)
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
  return ok({
    host,
    port: url.port === '' ? scheme.port : Number(url.port),
    security: scheme === implicit ? 'implicit' : isLoopback(host) ? 'loopback' : 'starttls',
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
