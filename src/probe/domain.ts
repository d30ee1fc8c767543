import { NO_FACES, type WantedFaces } from '../model/host-face.ts'
import type { MxHost, Snapshot, SnapshotId } from '../model/snapshot.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import { lookAtCanary } from './canary.ts'
import { createHostCache } from './host-cache.ts'
import { createFaceBook } from './host-faces.ts'
import { type HostLook, lookAtMxHost } from './mx-host.ts'
import { type MxTarget, mxTargets } from './mx-targets.ts'
import { skipped } from './observe.ts'
import { lookAtPolicyHost } from './policy-host.ts'
import { createAddressLimiter } from './politeness.ts'
import type { HostProbe, Probe } from './probe.ts'
import type { LookTools, ProbeTools } from './probe-tools.ts'
import { lookAtRuaDomains } from './rua-domains.ts'
import { createTrust } from './trust.ts'
import { createZoneLooks } from './zone-servers.ts'

/** The probe: one per program, since it remembers mail hosts and keeps its looks polite. */
export function createProbe(tools: ProbeTools): Probe & HostProbe {
  const { counts, dns, smtp, https } = tools.limits
  const shared: LookTools = {
    ...tools,
    trust: createTrust(tools.roots),
    smtpLimiter: createAddressLimiter(smtp.atOnce, counts.perNetworkAtOnce),
    httpsLimiter: createAddressLimiter(https.atOnce, counts.perNetworkAtOnce),
    nameServerLimiter: createAddressLimiter(dns.atOnce, counts.perNetworkAtOnce),
  }
  const cache = createHostCache(tools.clock, (name, signal) => lookAtMxHost(shared, name, signal))
  const faces = createFaceBook(shared)
  const lookAtHost = async (name: DomainName, maxAgeMs: number, wanted: WantedFaces, signal: AbortSignal) => {
    const host = await cache.get(name, maxAgeMs, signal)
    return { ...host, faces: await faces.of(name, host.sessions, wanted, signal) }
  }
  return {
    domain: (name, maxHostAgeMs, signal, wanted = NO_FACES) =>
      lookAtDomain(shared, name, (host) => lookAtHost(host, maxHostAgeMs, wanted, signal), signal),
    zones: createZoneLooks(shared),
    mxHost: (name, maxHostAgeMs, signal) => lookAtHost(name, maxHostAgeMs, NO_FACES, signal),
    canary: (protocol, name, signal) => lookAtCanary(shared, protocol, name, signal),
  }
}

type LookAtHost = (name: DomainName) => Promise<HostLook & Pick<MxHost, 'faces'>>

async function lookAtDomain(
  tools: LookTools,
  domain: DomainName,
  lookAtHost: LookAtHost,
  signal: AbortSignal,
): Promise<Snapshot> {
  const takenAt = tools.clock.now()
  const [stsRecord, policyHost, tlsrpt, mail] = await Promise.all([
    tools.resolver.txt(childName('_mta-sts', domain), signal),
    lookAtPolicyHost(tools, domain, signal),
    lookAtTlsrpt(tools, domain, signal),
    lookAtMail(tools, domain, lookAtHost, signal),
  ])
  return {
    id: tools.newId('snap') as SnapshotId,
    domain,
    takenAt,
    stsRecord,
    policyHost,
    ...tlsrpt,
    ...mail,
    zones: [],
  }
}

async function lookAtTlsrpt(
  tools: LookTools,
  domain: DomainName,
  signal: AbortSignal,
): Promise<Pick<Snapshot, 'tlsrptRecord' | 'ruaDomains'>> {
  const tlsrptRecord = await tools.resolver.txt(childName('_smtp', childName('_tls', domain)), signal)
  return { tlsrptRecord, ruaDomains: await lookAtRuaDomains(tools, tlsrptRecord, signal) }
}

async function lookAtMail(
  tools: LookTools,
  domain: DomainName,
  lookAtHost: LookAtHost,
  signal: AbortSignal,
): Promise<Pick<Snapshot, 'mx' | 'hosts'>> {
  const mx = await tools.resolver.mx(domain, signal)
  const limit = tools.limits.counts.mxHosts
  const hosts = mxTargets(domain, mx).map(async (target, index): Promise<MxHost> => {
    if (index >= limit) return unlooked(target, `only the first ${limit} MX hosts are looked at`)
    if (target.target !== 'host') return unlooked(target, 'the MX record does not point at a host name')
    return { ...target, ...(await lookAtHost(target.name)) }
  })
  return { mx, hosts: await Promise.all(hosts) }
}

function unlooked(target: MxTarget, because: string): MxHost {
  return {
    ...target,
    addresses: skipped(because),
    tlsa: skipped(because),
    tlsaBase: null,
    sessions: [],
    faces: [],
  }
}
