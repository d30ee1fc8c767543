import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { byMode } from './severity.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

const RECORD_CODES: readonly FindingCode[] = [
  'mx.record.missing',
  'mx.record.null-with-policy',
  'mx.record.null-not-alone',
]
const TARGET_CODES: readonly FindingCode[] = [
  'mx.target.alias',
  'mx.target.address-literal',
  'mx.target.malformed',
  'mx.target.unresolvable',
]
const ADDRESS_CODES: readonly FindingCode[] = ['mx.target.alias', 'mx.target.unresolvable']

/** The MX records and what they point at (RFC 5321 §5.1, RFC 7505). */
export function checkMxRecords(facts: Facts): Verdict {
  const { snapshot } = facts
  const { mx, domain } = snapshot
  if (mx.outcome === 'failed' || mx.outcome === 'skipped') {
    const because = faultOf(mx) ?? moot('MX was not looked at')
    return together([
      undecided(RECORD_CODES, domain, null, because),
      undecided(TARGET_CODES, domain, 'any', because),
    ])
  }
  const place: Place = { domain, subject: null, at: mx.at }
  if (mx.outcome === 'absent') return missing(facts, place)
  const exchanges = mx.value.records.map((record) => record.exchange)
  if (facts.takesMail === false) return nullWithPolicy(facts, place)
  return together([
    exchanges.includes('.') ? found('mx.record.null-not-alone', place, 'warning', { exchanges }) : CLEAR,
    ...snapshot.hosts.map((host) => target(facts, host)),
  ])
}

function missing(facts: Facts, place: Place): Verdict {
  const { snapshot, modeInForce } = facts
  const [implicit] = snapshot.hosts
  const because = implicit === undefined ? null : faultOf(implicit.addresses)
  if (because !== null) return undecided(RECORD_CODES, place.domain, null, because)
  if (implicit?.addresses.outcome === 'seen') {
    return found('mx.record.missing', place, 'info', { implicit: true })
  }
  return found('mx.record.missing', place, byMode(modeInForce, 'critical', 'warning', 'warning'), {
    implicit: false,
  })
}

function nullWithPolicy(facts: Facts, place: Place): Verdict {
  const { record, snapshot } = facts
  const { tlsrptRecord } = snapshot
  const because = record.state === 'undecided' ? record.because : faultOf(tlsrptRecord)
  if (because !== null) return undecided(['mx.record.null-with-policy'], place.domain, null, because)
  const hasTlsrpt =
    tlsrptRecord.outcome === 'seen' &&
    tlsrptRecord.value.records.some((text) => text.startsWith('v=TLSRPTv1'))
  const policies = [
    ...(record.state === 'missing' ? [] : ['mta-sts' as const]),
    ...(hasTlsrpt ? ['tlsrpt' as const] : []),
  ]
  if (policies.length === 0) return CLEAR
  return found('mx.record.null-with-policy', place, policies.includes('mta-sts') ? 'warning' : 'info', {
    policies,
  })
}

function target(facts: Facts, host: MxHost): Verdict {
  const { snapshot } = facts
  const { domain } = snapshot
  const mxAt = snapshot.mx.outcome === 'skipped' ? snapshot.takenAt : snapshot.mx.at
  const place: Place = { domain, subject: host.name, at: mxAt }
  const severity = everyHostIsUnusable(snapshot.hosts) ? 'critical' : 'warning'
  if (host.target === 'address-literal') {
    return found('mx.target.address-literal', place, severity, { mx: host.name })
  }
  if (host.target === 'malformed') return found('mx.target.malformed', place, severity, { mx: host.name })
  const { addresses } = host
  const because = faultOf(addresses)
  if (because !== null) return undecided(ADDRESS_CODES, domain, host.name, because)
  if (addresses.outcome === 'absent') {
    return together([
      found('mx.target.unresolvable', { ...place, at: addresses.at }, severity, { mx: host.name }),
      undecided(['mx.target.alias'], domain, host.name, moot('the name has no address')),
    ])
  }
  if (addresses.outcome !== 'seen' || addresses.value.cnames.length === 0) return CLEAR
  const { cnames } = addresses.value
  return found('mx.target.alias', { ...place, at: addresses.at }, 'info', { mx: host.name, cnames })
}

/** Does no MX record lead to any address? */
function everyHostIsUnusable(hosts: readonly MxHost[]): boolean {
  return hosts.every((host) => host.target !== 'host' || host.addresses.outcome === 'absent')
}
