import { DAY_MS } from '../lib/time.ts'
import type { HostFace, OtherPort } from '../model/host-face.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import type { Facts } from './facts.ts'
import { isForgotten } from './fault-class.ts'
import { reachedOf } from './mx-session.ts'

/** From here on an end is near: a graver word for it. */
export const SOON_MS = 3 * DAY_MS

/** Does this face show a second certificate of port 25? */
export function isSecondCertificate({ port, look }: HostFace): boolean {
  return port === 25 && look.outcome === 'seen' && look.value.outcome === 'shown'
}

/** One certificate that port 25 shows at an address. */
export interface Shown {
  readonly address: IpAddress
  readonly at: number
  readonly tls: TlsFacts
  readonly leaf: CertificateFacts
  /** The one for the key type that the ordinary session did not show. */
  readonly isSecond: boolean
}

/** What port 25 shows at each address, as far as it was seen: the ordinary certificates, then the second ones. */
export function shownAt25(facts: Facts, host: MxHost): readonly Shown[] {
  const ordinary = reachedOf(host, facts.vantage.smtp).flatMap(({ address, observedAt, step }) =>
    step.at === 'established' ? [{ address, at: observedAt, tls: step.tls, isSecond: false }] : [],
  )
  const second = facesAt(host, (port) => port === 25).map((face) => ({ ...face, isSecond: true }))
  return [...ordinary, ...second].flatMap((one) => {
    const [leaf] = one.tls.chain
    return leaf === undefined ? [] : [{ ...one, leaf }]
  })
}

function facesAt(host: MxHost, isWanted: (port: HostFace['port']) => boolean) {
  return host.faces.flatMap(({ address, port, look }) =>
    isWanted(port) && look.outcome === 'seen' && look.value.outcome === 'shown'
      ? [{ address, port, at: look.at, tls: look.value.tls }]
      : [],
  )
}

export interface NamedFace {
  readonly address: IpAddress
  readonly port: OtherPort
  readonly at: number
  readonly leaf: CertificateFacts
  readonly chain: readonly CertificateFacts[]
}

/** Whatever else runs at the address is none of our business: only what names the MX host counts. */
export function namedFaces(host: MxHost): readonly NamedFace[] {
  return facesAt(host, (port) => port !== 25).flatMap(({ address, port, at, tls }) => {
    const [leaf] = tls.chain
    return port !== 25 && leaf !== undefined && matchesDnsId(leaf.dnsNames, host.name)
      ? [{ address, port, at, leaf, chain: tls.chain }]
      : []
  })
}

/** Did a face not answer this time that holds what it said before open? One that was silent for a day does no more. */
export function hasSilentFace(
  { before, now }: Pick<Facts, 'before' | 'now'>,
  host: MxHost,
  isWanted: (port: HostFace['port']) => boolean,
): boolean {
  const earlier = before?.hosts.find(({ name }) => name === host.name)
  const earlierLook = (face: HostFace) =>
    earlier?.faces.find(
      ({ address, port, keys }) => address === face.address && port === face.port && keys === face.keys,
    )?.look
  return host.faces.some(
    (face) => isWanted(face.port) && face.look.outcome === 'failed' && !isForgotten(earlierLook(face), now),
  )
}
