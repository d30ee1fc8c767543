import type { UnixMs } from '../lib/time.ts'
import type { Change, ChangePart } from '../model/change.ts'
import type { CertificateFacts } from '../model/tls.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'

/** One address of a host and the certificate it presented. */
export interface Certified {
  readonly host: string
  readonly address: IpAddress
  readonly at: UnixMs
  readonly leaf: CertificateFacts
}

/** Certificates that a host presents and did not present before, one change each; a renewal is no news by itself. */
export function replacedCertificates(
  domain: DomainName,
  part: ChangePart,
  before: readonly Certified[],
  after: readonly Certified[],
): readonly Change[] {
  const seen = new Set<string>()
  return after.flatMap(({ host, address, at, leaf }) => {
    const was = before.find((one) => one.host === host && one.address === address)
    if (was === undefined || was.leaf.sha256 === leaf.sha256) return []
    const key = `${host} ${was.leaf.sha256} ${leaf.sha256}`
    if (seen.has(key)) return []
    seen.add(key)
    const summary = `certificate of ${host} replaced: ${term(was.leaf)} → ${term(leaf)}`
    const change: Change = {
      domain,
      at,
      part,
      subject: host,
      summary,
      removed: [detail(was.leaf)],
      added: [detail(leaf)],
      notable: false,
      settles: null,
    }
    return [change]
  })
}

function term(leaf: CertificateFacts): string {
  return `ends ${day(leaf.notAfterAt)}`
}

function detail(leaf: CertificateFacts): string {
  return `issuer ${leaf.issuer}, ${day(leaf.notBeforeAt)} to ${day(leaf.notAfterAt)}, serial ${leaf.serialNumber}`
}

function day(at: UnixMs): string {
  return new Date(at).toISOString().slice(0, 10)
}
