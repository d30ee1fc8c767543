import type { Observation } from '../model/observation.ts'
import type { MxHost, MxSession, SmtpSession } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { withDeadline } from './deadline.ts'
import { eachAddress } from './each-address.ts'
import { lookForTlsa, needsOwnSession } from './mx-tlsa.ts'
import { observe, skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { type SmtpAim, smtpSession } from './smtp-session.ts'

/** What one look at a mail host saw, whichever MX record led to it. */
export type HostLook = Pick<MxHost, 'addresses' | 'tlsa' | 'tlsaBase' | 'sessions'>

const ENOUGH = skipped('the ordinary session shows all that DANE looks at')

/** Looks at a mail host: its addresses, then its TLSA records and one SMTP session with every address. */
export async function lookAtMxHost(
  tools: LookTools,
  name: DomainName,
  signal: AbortSignal,
): Promise<HostLook> {
  // RFC 7672 §2.2.2: the addresses first; some servers break on questions for TLSA.
  const addresses = await tools.resolver.addresses(name, signal)
  if (addresses.outcome !== 'seen') {
    const because = skipped('the host has no address that could be seen')
    return { addresses, tlsa: because, tlsaBase: null, sessions: [] }
  }
  const tlsaLook = lookForTlsa(tools, name, addresses.value, signal)
  const sessions = await eachAddress(
    addresses.value.records,
    tools.limits.counts,
    signal,
    async (address): Promise<MxSession> => {
      const smtp = await lookAtSession(
        tools,
        { host: name, address, serverName: name, keys: 'any', chain: 'stored' },
        signal,
      )
      const { tlsa, tlsaBase } = await tlsaLook
      const isNeeded = isEstablished(smtp) && needsOwnSession(name, { tlsa, tlsaBase })
      if (!isNeeded || tlsaBase === null) return { address, smtp, dane: ENOUGH }
      // RFC 7672 §8.1: SNI is the TLSA base domain.
      const aim = { host: name, address, serverName: tlsaBase, keys: 'any', chain: 'sent' } as const
      return { address, smtp, dane: await lookAtSession(tools, aim, signal) }
    },
    (address, because): MxSession => ({ address, smtp: skipped(because), dane: skipped(because) }),
  )
  return { addresses, ...(await tlsaLook), sessions }
}

function isEstablished(smtp: Observation<SmtpSession>): boolean {
  return smtp.outcome === 'seen' && smtp.value.startTls.outcome === 'established'
}

async function lookAtSession(
  tools: LookTools,
  aim: SmtpAim & { readonly host: DomainName },
  signal: AbortSignal,
): Promise<Observation<SmtpSession>> {
  const { host, address } = aim
  const session = async (inTime: AbortSignal) => {
    const timeoutMs = tools.limits.connectMs
    const socket = await tools.network.connect(address, 25, { signal: inTime, timeoutMs })
    return await smtpSession(socket, aim, tools, inTime)
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
