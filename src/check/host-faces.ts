import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import { hasSilentFace, namedFaces, type Shown, shownAt25 } from './faces-shown.ts'
import type { Facts } from './facts.ts'
import { faultOf, isForgotten } from './fault-class.ts'
import { checkKeyTypes } from './key-types.ts'
import { checkNotReloaded } from './not-reloaded.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const PORT_CODES: readonly FindingCode[] = ['mx.certificate.not-reloaded', 'mx.face.certificate-expired']
const KEY_CODES: readonly FindingCode[] = ['mx.certificate.key-types-differ']

/** What other ports, and the second certificate of port 25, tell of a host; nothing where the domain did not ask. */
export function checkHostFaces(facts: Facts): Verdict {
  const { otherPorts, bothKeyTypes } = facts.domain
  const codes = [...(otherPorts.length > 0 ? PORT_CODES : []), ...(bothKeyTypes ? KEY_CODES : [])]
  if (codes.length === 0) return CLEAR
  const { mx, domain, hosts } = facts.snapshot
  const because = faultOf(mx)
  if (because !== null) return undecided(codes, domain, 'any', because)
  return together(
    hosts.map((host) => {
      const fault = faultOf(host.addresses)
      if (fault !== null) return undecided(codes, domain, host.name, fault)
      const at25 = shownAt25(facts, host)
      return together([
        otherPorts.length > 0 ? checkNotReloaded(facts, host, at25) : CLEAR,
        otherPorts.length > 0 ? expiredFaces(facts, host, at25) : CLEAR,
        bothKeyTypes ? checkKeyTypes(facts, host, at25) : CLEAR,
        openQuestions(facts, host, at25, codes),
      ])
    }),
  )
}

function expiredFaces(facts: Facts, host: MxHost, at25: readonly Shown[]): Verdict {
  // What port 25 shows as well is told as that.
  const own = new Set(at25.map(({ leaf }) => leaf.sha256))
  const expired = namedFaces(host).filter(({ leaf }) => leaf.notAfterAt <= facts.now && !own.has(leaf.sha256))
  if (expired.length === 0) return CLEAR
  const at = Math.max(...expired.map((face) => face.at))
  const faces = expired.map(({ address, port, leaf: certificate }) => ({ address, port, certificate }))
  return found(
    'mx.face.certificate-expired',
    { domain: facts.snapshot.domain, subject: host.name, at },
    'warning',
    { host: host.name, faces },
  )
}

/** What did not answer this time holds what it said before open, for a day. */
function openQuestions(
  facts: Facts,
  host: MxHost,
  at25: readonly Shown[],
  codes: readonly FindingCode[],
): Verdict {
  const { domain } = facts.snapshot
  const earlier = facts.before?.hosts.find(({ name }) => name === host.name)
  const silent25 = host.sessions.some(
    ({ address }) =>
      !at25.some((one) => one.address === address && !one.isSecond) &&
      !isForgotten(earlier?.sessions.find((one) => one.address === address)?.smtp, facts.now),
  )
  if (silent25) return undecided(codes, domain, host.name, moot('port 25 showed no certificate this time'))
  const because = moot('a port did not answer this time')
  return together([
    hasSilentFace(facts, host, (port) => port !== 25)
      ? undecided(PORT_CODES, domain, host.name, because)
      : CLEAR,
    hasSilentFace(facts, host, (port) => port === 25)
      ? undecided(KEY_CODES, domain, host.name, because)
      : CLEAR,
  ])
}
