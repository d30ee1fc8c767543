import { connect as connectTcp, type Socket } from 'node:net'
import type { OtherPort } from '../model/host-face.ts'
import type { Route } from '../model/route.ts'
import { type IpAddress, isIpv6, parseIpAddress } from '../protocol/ip-address.ts'
import type { AddressGuard } from './address-guard.ts'
import { stopped, until } from './deadline.ts'
import { FaultError } from './fault-error.ts'

/** The ports a probe may speak to (S27). */
export type ProbePort = 25 | OtherPort

/** The only way to a TCP connection: literal addresses that the guard permits, no names, no proxies. */
export interface Network {
  /** A connected socket that the caller must destroy. Rejects with a FaultError; a denied address is sent nothing. */
  connect(address: IpAddress, port: ProbePort, options: ConnectOptions): Promise<Socket>
}

export interface ConnectOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

export interface NetworkTools {
  readonly guard: AddressGuard
  /** Null: the connection goes to the address itself. */
  readonly route: Route | null
}

type Destination = ReturnType<Route>

export function createNetwork({ guard, route }: NetworkTools): Network {
  return {
    async connect(address, port, options) {
      const peer = display(address, port)
      if (!guard.permits(address)) {
        throw new FaultError('address-denied', 'remote', `${peer} is not a public address; nothing was sent`)
      }
      const socket = await open(route?.(address, port) ?? { host: address, port }, peer, options)
      // S26: what was checked must be what was reached.
      if (route === null && parseIpAddress(socket.remoteAddress ?? '') !== address) {
        socket.destroy()
        throw new FaultError(
          'address-denied',
          'remote',
          `${peer} led to ${socket.remoteAddress ?? 'nowhere'}`,
        )
      }
      return socket
    },
  }
}

function open(
  destination: Destination,
  peer: string,
  { signal, timeoutMs }: ConnectOptions,
): Promise<Socket> {
  if (destination === 'refused') throw connectFault('ECONNREFUSED', peer)
  if (destination === 'no-route') throw connectFault('ENETUNREACH', peer)
  const timer = AbortSignal.timeout(timeoutMs)
  const onAbort = () =>
    signal.aborted
      ? stopped(`connecting to ${peer}`)
      : new FaultError('connect-timeout', 'path', `${peer} did not answer within ${timeoutMs} ms`)
  return until<Socket>(AbortSignal.any([signal, timer]), onAbort, (resolve, reject) => {
    if (destination === 'timeout') return () => undefined
    const socket = connectTcp({ ...destination, autoSelectFamily: false, lookup: refuseLookup })
    let connected = false
    socket.once('connect', () => {
      connected = true
      resolve(socket)
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      reject(connectFault(error.code ?? error.message, peer)),
    )
    return () => {
      if (!connected) socket.destroy()
    }
  })
}

// A literal address never gets here; a name must not be resolved behind the guard's back.
function refuseLookup(hostname: string): void {
  throw new Error(`the network takes addresses, not the name ${hostname}`)
}

function connectFault(code: string, peer: string): FaultError {
  switch (code) {
    case 'ECONNREFUSED':
      return new FaultError('connect-refused', 'remote', `${peer} refused the connection`)
    case 'ECONNRESET':
    case 'EPIPE':
      return new FaultError('connect-reset', 'path', `${peer}: the connection was reset`)
    case 'ETIMEDOUT':
      return new FaultError('connect-timeout', 'path', `${peer} did not answer`)
    case 'EHOSTUNREACH':
      return new FaultError('no-route', 'path', `${peer}: a router said that the host is unreachable`)
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'EACCES':
    case 'EPERM':
      return new FaultError('no-route', 'local', `${peer}: this machine has no way there (${code})`)
    default:
      return new FaultError('internal', 'local', `${peer}: ${code}`)
  }
}

function display(address: IpAddress, port: number): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}
