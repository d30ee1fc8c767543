import type { Route } from '../model/route.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { AddressGuard } from './address-guard.ts'
import { stopped, until } from './deadline.ts'
import { askDns, type DnsServer, label } from './dns-client.ts'
import type { DnsQuestion, DnsReply } from './dns-message.ts'
import { FaultError } from './fault-error.ts'
import type { DnsLimits } from './limits.ts'

const DNS_PORT = 53

/** The only way to a name server of strangers: literal addresses that the guard permits, port 53, no recursion. */
export interface NameServers {
  /** Whatever the server at this address answers; rejects with a FaultError when nothing readable came back. */
  ask(address: IpAddress, question: AuthorityQuestion, signal: AbortSignal): Promise<DnsReply>
}

export type AuthorityQuestion = Pick<DnsQuestion, 'name' | 'type'>

export interface NameServerTools {
  readonly guard: AddressGuard
  /** Null: the question goes to the address itself. */
  readonly route: Route | null
  readonly limits: DnsLimits
}

export function createNameServers({ guard, route, limits }: NameServerTools): NameServers {
  return {
    async ask(address, { name, type }, signal) {
      const question: DnsQuestion = { name, type, checkingDisabled: false, recursionDesired: false }
      const shown: DnsServer = { address, port: DNS_PORT }
      const what = label(shown, question)
      if (!guard.permits(address)) {
        throw new FaultError('address-denied', 'remote', `${what}: no public address; nothing was sent`)
      }
      const destination = route?.(address, DNS_PORT) ?? { host: address, port: DNS_PORT }
      switch (destination) {
        case 'refused':
          throw new FaultError('dns-unreachable', 'path', `${what}: ECONNREFUSED`)
        case 'no-route':
          throw new FaultError('dns-unreachable', 'local', `${what}: ENETUNREACH`)
        case 'timeout':
          return await silence(what, limits.tryMs, signal)
        default: {
          const server = { address: destination.host, port: destination.port, shownAs: address }
          return await askDns(server, question, limits, signal)
        }
      }
    },
  }
}

function silence(what: string, waitMs: number, signal: AbortSignal): Promise<never> {
  const timer = AbortSignal.timeout(waitMs)
  const onAbort = () =>
    signal.aborted
      ? stopped(what)
      : new FaultError('dns-timeout', 'path', `${what}: no answer within ${waitMs} ms`)
  return until<never>(AbortSignal.any([signal, timer]), onAbort, () => () => undefined)
}
