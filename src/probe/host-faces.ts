import type { FaceAnswer, HostFace, KeyChoice, WantedFaces } from '../model/host-face.ts'
import type { Observation } from '../model/observation.ts'
import type { MxSession } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import { stopped, withDeadline } from './deadline.ts'
import { faultOf as asFault, FaultError } from './fault-error.ts'
import { observe } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { createSharedLooks } from './shared-looks.ts'
import { type SmtpAim, smtpSession } from './smtp-session.ts'
import { handshake } from './tls.ts'

/** The other faces of mail hosts, each looked at once for all domains and seldom (R32). */
export interface FaceBook {
  /**
   * What `wanted` names, at each address that an ordinary session was held with; in the order of the addresses. Nothing
   * is asked for and the list is empty when nothing is wanted.
   */
  of(
    host: DomainName,
    sessions: readonly MxSession[],
    wanted: WantedFaces,
    signal: AbortSignal,
  ): Promise<readonly HostFace[]>
}

type Face = Omit<HostFace, 'look'>
type Key = string & { readonly __brand: 'FaceKey' }

export function createFaceBook(tools: LookTools): FaceBook {
  const { portMs, keysMs } = tools.limits.faces
  const book = createSharedLooks<Key, Observation<FaceAnswer>>(
    tools.clock,
    (key, signal) => lookAtFace(tools, readKey(key), signal),
    (key) => givenUp(tools, readKey(key).host),
  )
  return {
    async of(host, sessions, wanted, signal) {
      const faces = sessions.flatMap((session) => wantedAt(session, wanted))
      const looks = faces.map(async (face): Promise<HostFace> => {
        const maxAgeMs = face.port === 25 ? keysMs : portMs
        return { ...face, look: await book.get(keyOf(host, face), maxAgeMs, signal) }
      })
      return await Promise.all(looks)
    },
  }
}

/** An address that is not looked at (too many, no way there, not public) has no other faces either. */
function wantedAt({ address, smtp }: MxSession, { otherPorts, bothKeyTypes }: WantedFaces): readonly Face[] {
  if (smtp.outcome === 'skipped' || (smtp.outcome === 'failed' && UNREACHED.has(smtp.fault.kind))) return []
  const others = otherPorts.map((port): Face => ({ address, port, keys: 'any' }))
  if (!bothKeyTypes || smtp.outcome !== 'seen' || smtp.value.startTls.outcome !== 'established') return others
  const shown = smtp.value.startTls.tls.chain[0]?.keyType
  return [{ address, port: 25, keys: shown === 'rsa' ? 'ecdsa' : 'rsa' }, ...others]
}

const UNREACHED: ReadonlySet<string> = new Set(['no-route', 'address-denied'])

interface Target extends Face {
  readonly host: DomainName
}

function keyOf(host: DomainName, { address, port, keys }: Face): Key {
  return [host, address, port, keys].join(' ') as Key
}

function readKey(key: Key): Target {
  const [host = '', address = '', port = '', keys = ''] = key.split(' ')
  const parsed = parseIpAddress(address)
  if (parsed === null) throw new TypeError(`no key of a face: ${key}`)
  return {
    host: host as DomainName,
    address: parsed,
    port: Number(port) as Face['port'],
    keys: keys as KeyChoice,
  }
}

function givenUp(tools: LookTools, host: DomainName): Observation<FaceAnswer> {
  const fault = asFault(stopped(`looking at other ports of ${host}`))
  return { outcome: 'failed', at: tools.clock.now(), tookMs: 0, fault }
}

async function lookAtFace(
  tools: LookTools,
  target: Target,
  signal: AbortSignal,
): Promise<Observation<FaceAnswer>> {
  const { host, address, port } = target
  const what = `${host} [${address}] port ${port}`
  const look = () =>
    observe(tools.clock, () =>
      withDeadline(tools.limits.smtp.totalMs, signal, what, (inTime) => answerOf(tools, target, inTime)),
    )
  try {
    // The ordinary session has only just ended; a server that counts connections should not see two at once.
    if (port === 25) await tools.clock.sleep(tools.limits.faces.pauseMs, signal)
    return await tools.smtpLimiter(address, signal, look)
  } catch (error) {
    return await observe<FaceAnswer>(tools.clock, () => Promise.reject(error))
  }
}

async function answerOf(tools: LookTools, target: Target, signal: AbortSignal): Promise<FaceAnswer> {
  const { host, address, port, keys } = target
  try {
    const timeoutMs = Math.min(tools.limits.connectMs, tools.limits.faces.connectMs)
    const socket = await tools.network.connect(address, port, { signal, timeoutMs })
    if (port === 25 || port === 587) {
      const session = await smtpSession(
        socket,
        { host, address, serverName: host, keys, chain: 'stored' } satisfies SmtpAim,
        tools,
        signal,
      )
      return startTlsAnswer(session.startTls, keys)
    }
    const options = {
      serverName: host,
      keys,
      chain: 'stored' as const,
      trust: tools.trust,
      timeoutMs: tools.limits.handshakeMs,
      signal,
    }
    const secured = await handshake(socket, options)
    secured.socket.destroy()
    return { outcome: 'shown', tls: secured.facts }
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === 'connect-refused') return { outcome: 'closed' }
    throw error
  }
}

function startTlsAnswer(
  startTls: Awaited<ReturnType<typeof smtpSession>>['startTls'],
  keys: KeyChoice,
): FaceAnswer {
  switch (startTls.outcome) {
    case 'established':
      return isOfType(startTls.tls.chain[0]?.keyType, keys)
        ? { outcome: 'shown', tls: startTls.tls }
        : { outcome: 'no-such-key' }
    case 'handshake-failed':
      // TLS 1.3 (RFC 8446): a server without a certificate for the signatures offered ends with an alert.
      if (keys !== 'any' && startTls.fault.kind === 'tls-alert') return { outcome: 'no-such-key' }
      throw new FaultError(startTls.fault.kind, startTls.fault.blame, startTls.fault.detail)
    case 'injected':
      throw new FaultError('smtp-malformed', 'remote', `${startTls.bytes} bytes of plain text after the 220`)
    default:
      return { outcome: 'no-tls' }
  }
}

function isOfType(shown: string | undefined, keys: KeyChoice): boolean {
  return keys === 'any' || shown === (keys === 'ecdsa' ? 'ec' : 'rsa')
}
