/** Why a request got no answer, and whether it can have been read by then. */
export interface NetworkFailure {
  readonly kind: 'unsent' | 'unheard'
  /** May quote what we sent: redact before it is shown. */
  readonly error: string
}

// What fails before the first byte of the request: the name, the connection, the handshake.
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPROTO|UND_ERR_CONNECT_TIMEOUT|ERR_(TLS|SSL)_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+)$/

/** Reads what `fetch` threw. Anything not known to come before sending may have come after. */
export function networkFailure(thrown: unknown): NetworkFailure {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  if (typeof code !== 'string') return { kind: 'unheard', error: message }
  return {
    kind: BEFORE_SENDING.test(code) ? 'unsent' : 'unheard',
    error: message.includes(code) ? message : `${code}: ${message}`,
  }
}
