import type { DnsAnswer } from '../model/dns.ts'
import type { Failed, Observation } from '../model/observation.ts'
import type { SightProtocol } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { withDeadline } from './deadline.ts'
import { FaultError } from './fault-error.ts'
import { observe } from './observe.ts'
import { fetchFrom } from './policy-host.ts'
import type { LookTools } from './probe-tools.ts'
import { smtpGreeting } from './smtp-session.ts'

/**
 * Does a well-known good host answer over this protocol (R27, R29)? Seen as soon as one of its addresses does; the
 * value is its Date header for https when there is one. A canary that does not exist is a fault as well. For dnssec:
 * does an answer about this signed name come validated? `dns-unvalidated` when it comes without.
 */
export async function lookAtCanary(
  tools: LookTools,
  protocol: SightProtocol,
  name: DomainName,
  signal: AbortSignal,
): Promise<Observation<number | null>> {
  return await observe(tools.clock, async () => {
    if (protocol === 'dns') {
      found(await tools.resolver.mx(name, signal), name)
      return null
    }
    if (protocol === 'dnssec') return validated(await tools.resolver.mx(name, signal), name)
    const { records } = found(await tools.resolver.addresses(name, signal), name)
    const ask = protocol === 'https' ? askHttps : askSmtp
    return await firstThatAnswers(records.slice(0, tools.limits.counts.canaryAddresses), (address) =>
      ask(tools, name, address, signal),
    )
  })
}

/** The answer itself, or what stands in its place as the fault it is for a canary. */
function found<T>(look: Observation<DnsAnswer<T>>, name: DomainName): DnsAnswer<T> {
  if (look.outcome === 'seen') return look.value
  if (look.outcome === 'failed') throw rethrown(look)
  throw new FaultError('dns-malformed', 'path', `the canary ${name} is said not to exist`)
}

/** What is denied with a validated proof was validated as well (RFC 4035 §5.4). */
function validated(look: Observation<DnsAnswer<unknown>>, name: DomainName): null {
  if (look.outcome === 'failed') throw rethrown(look)
  const security = look.outcome === 'seen' ? look.value.security : look.outcome === 'absent' && look.security
  if (security === 'secure') return null
  throw new FaultError('dns-unvalidated', 'local', `${name} is signed, and its answer comes unvalidated`)
}

function rethrown({ fault }: Failed): FaultError {
  return new FaultError(fault.kind, fault.blame, fault.detail)
}

async function firstThatAnswers<T>(
  addresses: readonly IpAddress[],
  ask: (address: IpAddress) => Promise<T>,
): Promise<T> {
  let last: unknown = new FaultError('dns-malformed', 'path', 'the canary has no address')
  for (const address of addresses) {
    try {
      return await ask(address)
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function askHttps(
  tools: LookTools,
  host: DomainName,
  address: IpAddress,
  signal: AbortSignal,
): Promise<number | null> {
  const { tls, answer } = await fetchFrom(tools, address, { host, path: '/' }, signal)
  if (answer.outcome === 'seen') return answer.value.dateAt
  if (answer.outcome === 'failed') throw rethrown(answer)
  if (tls.outcome === 'failed') throw rethrown(tls)
  // A middlebox with a certificate of its own stands between us and the world.
  throw new FaultError(
    'tls-malformed',
    'path',
    `the canary ${host}: ${answer.outcome === 'skipped' ? answer.because : ''}`,
  )
}

async function askSmtp(
  tools: LookTools,
  host: DomainName,
  address: IpAddress,
  signal: AbortSignal,
): Promise<null> {
  return await tools.smtpLimiter(address, signal, () =>
    withDeadline(tools.limits.smtp.totalMs, signal, `SMTP with ${host} [${address}]`, async (inTime) => {
      const socket = await tools.network.connect(address, 25, {
        signal: inTime,
        timeoutMs: tools.limits.connectMs,
      })
      await smtpGreeting(socket, { host, address }, tools, inTime)
      return null
    }),
  )
}
