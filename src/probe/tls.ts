import type { Socket } from 'node:net'
import { connect, type DetailedPeerCertificate, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { KeyChoice } from '../model/host-face.ts'
import type { TlsFacts } from '../model/tls.ts'
import { certificateFacts, linkedOf } from './certificate-facts.ts'
import { stopped, until } from './deadline.ts'
import { FaultError } from './fault-error.ts'
import type { Trust } from './trust.ts'

export interface Handshake {
  /** The encrypted socket; the caller destroys it. */
  readonly socket: TLSSocket
  readonly facts: TlsFacts
}

export interface HandshakeOptions {
  /** The name sent as SNI (RFC 8461 §7.1). */
  readonly serverName: string
  /** Which certificate of the server is wanted; with chain `sent` always any. */
  readonly keys: KeyChoice
  readonly trust: Trust
  /** stored: roots are known, and their verdict counts. sent: none is, and the chain is all that was sent. */
  readonly chain: 'stored' | 'sent'
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * A TLS handshake on a connected socket that completes whatever the certificate is worth: the facts tell the chain
 * and OpenSSL's verdict on it, names left aside. Never resumes a session, since that would hide the certificate.
 * Rejects with a FaultError and destroys the socket when there is no handshake.
 */
export async function handshake(socket: Socket, options: HandshakeOptions): Promise<Handshake> {
  const { serverName, keys, trust, chain, timeoutMs, signal } = options
  const timer = AbortSignal.timeout(timeoutMs)
  const onAbort = () =>
    signal.aborted
      ? stopped(`TLS with ${serverName}`)
      : new FaultError('tls-timeout', 'path', `${serverName}: no TLS handshake within ${timeoutMs} ms`)
  let shown: PeerCertificate | null = null
  try {
    const secured = await until<TLSSocket>(AbortSignal.any([signal, timer]), onAbort, (resolve, reject) => {
      const tls = connect({
        socket,
        servername: serverName,
        secureContext: chain === 'stored' ? trust.context(keys) : trust.bareContext(),
        rejectUnauthorized: false,
        // Judging the name is another's task; the certificate is kept, since reading it again is half of our work.
        checkServerIdentity: (_name, certificate) => {
          shown = certificate
          return undefined
        },
      })
      tls.once('secureConnect', () => resolve(tls))
      tls.on('error', (error: NodeJS.ErrnoException) => reject(tlsFault(error, serverName)))
      tls.once('close', () => reject(closed(serverName)))
      return () => undefined
    })
    const leaf = (shown ?? secured.getPeerCertificate(true)) as DetailedPeerCertificate
    return { socket: secured, facts: factsOf(secured, leaf, chain === 'stored' ? trust : null) }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** `trust` null: every certificate was sent, and how they are joined is worked out. */
function factsOf(socket: TLSSocket, leaf: DetailedPeerCertificate, trust: Trust | null): TlsFacts {
  const error: unknown = socket.authorizationError
  const chain = sentChain(leaf, trust)
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    chain: chain.map(certificateFacts),
    webPkiError: error instanceof Error ? error.message : error ? String(error) : null,
    linked: trust === null ? linkedOf(chain) : null,
  }
}

/**
 * The certificates the server sent, leaf first. Node goes on walking into the trust store where the sent ones end, so
 * what the store holds is cut from the end: a root that was sent needlessly is not told apart from one that was not.
 */
function sentChain(leaf: DetailedPeerCertificate, trust: Trust | null): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  const met = new Set<string>()
  let certificate: DetailedPeerCertificate | undefined = leaf
  while (certificate?.raw && !met.has(certificate.fingerprint256)) {
    met.add(certificate.fingerprint256)
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  if (chain.length === 0) throw new FaultError('tls-malformed', 'remote', 'the server showed no certificate')
  const fromStore = trust === null ? -1 : chain.findIndex((der, index) => index > 0 && trust.holds(der))
  return fromStore === -1 ? chain : chain.slice(0, fromStore)
}

// What our own OpenSSL declines although others may accept it: no verdict about the server (R33).
const CLIENT_LIMITS =
  /EXCESSIVE_MESSAGE_SIZE|_TOO_SMALL|_TOO_WEAK|BAD_ECPOINT|UNSUPPORTED_ELLIPTIC_CURVE|UNSAFE_LEGACY_RENEGOTIATION/

// OpenSSL leaves the word out of the names of the alerts of RFC 6066 §9.
const ALERTS =
  /ALERT|TLSV1_(?:UNRECOGNIZED_NAME|UNSUPPORTED_EXTENSION|CERTIFICATE_UNOBTAINABLE|BAD_CERTIFICATE_\w+)$/

function tlsFault(error: NodeJS.ErrnoException, serverName: string): FaultError {
  const code = error.code ?? ''
  const detail = `${serverName}: ${reasonOf(error)}`
  if (CLIENT_LIMITS.test(code)) return new FaultError('client-limit', 'local', `${detail} (${code})`)
  // OpenSSL's word for a server that answers with a version below our minimum.
  if (ALERTS.test(code) || code === 'ERR_SSL_UNSUPPORTED_PROTOCOL') {
    return new FaultError('tls-alert', 'remote', detail)
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING') {
    return closed(serverName)
  }
  return new FaultError('tls-malformed', 'remote', detail)
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const { reason } = error as { readonly reason?: unknown }
  return typeof reason === 'string' ? reason : error.message
}

function closed(serverName: string): FaultError {
  return new FaultError(
    'tls-closed',
    'remote',
    `${serverName} closed the connection during the TLS handshake`,
  )
}
