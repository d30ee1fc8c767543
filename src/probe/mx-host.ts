import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost, MxSession, SmtpSession } from '../model/snapshot.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { withDeadline } from './deadline.ts'
import { eachAddress } from './each-address.ts'
import { observe, skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { smtpSession } from './smtp-session.ts'

/** What one look at a mail host saw, whichever MX record led to it. */
export type HostLook = Pick<MxHost, 'addresses' | 'tlsa' | 'sessions'>

/** Looks at a mail host: its addresses, then its TLSA records and one SMTP session with every address. */
export async function lookAtMxHost(
  tools: LookTools,
  name: DomainName,
  signal: AbortSignal,
): Promise<HostLook> {
  // RFC 7672 §2.2.2: the addresses first; some servers break on questions for TLSA.
  const addresses = await tools.resolver.addresses(name, signal)
  if (addresses.outcome !== 'seen') {
    return { addresses, tlsa: skipped('the host has no address that could be seen'), sessions: [] }
  }
  const [tlsa, sessions] = await Promise.all([
    lookForTlsa(tools, name, addresses.value, signal),
    eachAddress(
      addresses.value.records,
      tools.limits.counts,
      signal,
      (address) => lookAtAddress(tools, name, address, signal),
      (address, because): MxSession => ({ address, smtp: skipped(because) }),
    ),
  ])
  return { addresses, tlsa, sessions }
}

async function lookForTlsa(
  tools: LookTools,
  name: DomainName,
  addresses: DnsAnswer<readonly IpAddress[]>,
  signal: AbortSignal,
): Promise<MxHost['tlsa']> {
  // RFC 7672 §2.2.2: without a secure address answer TLSA records mean nothing and should not be asked for.
  if (addresses.security !== 'secure') return skipped('the address answer is not validated by DNSSEC')
  return await tools.resolver.tlsa(childName('_25', childName('_tcp', name)), signal)
}

async function lookAtAddress(
  tools: LookTools,
  host: DomainName,
  address: IpAddress,
  signal: AbortSignal,
): Promise<MxSession> {
  return { address, smtp: await lookAtSession(tools, host, address, signal) }
}

async function lookAtSession(
  tools: LookTools,
  host: DomainName,
  address: IpAddress,
  signal: AbortSignal,
): Promise<Observation<SmtpSession>> {
  const session = async (inTime: AbortSignal) => {
    const timeoutMs = tools.limits.connectMs
    const socket = await tools.network.connect(address, 25, { signal: inTime, timeoutMs })
    return await smtpSession(socket, { host, address, keys: 'any' }, tools, inTime)
  }
  const look = () =>
    observe(tools.clock, () =>
      withDeadline(tools.limits.smtp.totalMs, signal, `SMTP with ${host} [${address}]`, session),
    )
  try {
    return await tools.smtpLimiter(address, signal, look)
  } catch (error) {
    // Given up while it waited for its turn.
    return await observe<SmtpSession>(tools.clock, () => Promise.reject(error))
  }
}
