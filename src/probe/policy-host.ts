import type { Observation } from '../model/observation.ts'
import type { HttpResponse, PolicyFetch, PolicyHostLook } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import { startDeadline } from './deadline.ts'
import { eachAddress } from './each-address.ts'
import { getOnce, type HttpAnswer, type HttpRequest } from './https.ts'
import { observe, skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { type Handshake, handshake } from './tls.ts'

// RFC 8461 §3.2
const POLICY_PATH = '/.well-known/mta-sts.txt'

/** Fetches the policy of a domain from every address of its policy host. */
export async function lookAtPolicyHost(
  tools: LookTools,
  domain: DomainName,
  signal: AbortSignal,
): Promise<PolicyHostLook> {
  const name = childName('mta-sts', domain)
  const addresses = await tools.resolver.addresses(name, signal)
  if (addresses.outcome !== 'seen') return { name, addresses, fetches: [] }
  const fetches = await eachAddress(
    addresses.value.records,
    tools.limits.counts,
    signal,
    async (address): Promise<PolicyFetch> => {
      const { tls, answer } = await fetchFrom(tools, address, { host: name, path: POLICY_PATH }, signal)
      return { address, tls, response: responseOf(answer) }
    },
    (address, because): PolicyFetch => ({ address, tls: skipped(because), response: skipped(because) }),
  )
  return { name, addresses, fetches }
}

/** What one address gave: the handshake, then the answer to one GET. */
export interface FetchLook {
  readonly tls: Observation<TlsFacts>
  readonly answer: Observation<HttpAnswer>
}

/** Connects to an address, shakes hands and asks once, all within one deadline (RFC 8461 §3.3). */
export async function fetchFrom(
  tools: LookTools,
  address: IpAddress,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<FetchLook> {
  try {
    return await tools.httpsLimiter(address, signal, () => fetchNow(tools, address, request, signal))
  } catch (error) {
    const tls = await observe<TlsFacts>(tools.clock, () => Promise.reject(error))
    return { tls, answer: skipped('not asked') }
  }
}

async function fetchNow(
  tools: LookTools,
  address: IpAddress,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<FetchLook> {
  const what = `https://${request.host} at ${address}`
  const ms = tools.limits.https.totalMs
  const deadline = startDeadline({ ms, outer: signal, what, overrun: 'http-timeout' })
  const tls = await observe(tools.clock, () =>
    deadline.run((inTime) => secureConnection(tools, address, request.host, inTime)),
  )
  if (tls.outcome !== 'seen') return { tls, answer: skipped('there was no TLS connection to ask over') }
  const { socket, facts } = tls.value
  try {
    const because = reasonNotToAsk(facts, request.host)
    const ask = () => deadline.run((inTime) => getOnce(socket, request, tools.limits.https, inTime))
    const answer = because === null ? await observe(tools.clock, ask) : skipped(because)
    return { tls: { ...tls, value: facts }, answer }
  } finally {
    socket.destroy()
  }
}

/** RFC 8461 §3.3: a sender asks nothing of a host whose certificate it does not accept. */
function reasonNotToAsk({ chain, webPkiError }: TlsFacts, host: string): string | null {
  if (webPkiError !== null) return `the certificate does not validate: ${webPkiError}`
  return matchesDnsId(chain[0]?.dnsNames ?? [], host) ? null : `the certificate is not valid for ${host}`
}

async function secureConnection(
  tools: LookTools,
  address: IpAddress,
  host: string,
  signal: AbortSignal,
): Promise<Handshake> {
  const { network, trust, limits } = tools
  const socket = await network.connect(address, 443, { signal, timeoutMs: limits.connectMs })
  return await handshake(socket, {
    serverName: host,
    keys: 'any',
    trust,
    chain: 'stored',
    timeoutMs: limits.handshakeMs,
    signal,
  })
}

function responseOf(answer: Observation<HttpAnswer>): Observation<HttpResponse> {
  return answer.outcome === 'seen' ? { ...answer, value: answer.value.response } : answer
}
