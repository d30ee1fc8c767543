import type { FindingCode } from '../model/finding.ts'
import type { RuaDomainLook } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { parseTlsrptRecord, type TlsrptRecord } from '../protocol/tlsrpt/record.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { asEvidence } from './mta-sts-record.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

const RECORD_CODES: readonly FindingCode[] = [
  'tlsrpt.record.missing',
  'tlsrpt.record.invalid',
  'tlsrpt.record.multiple',
  'tlsrpt.record.questionable',
  'tlsrpt.rua.too-many',
]
const UNDELIVERABLE: FindingCode = 'tlsrpt.rua.undeliverable'
const MANY_URIS = 2

/** The TXT record at `_smtp._tls` (RFC 8460 §3) and whether its mail addresses can take reports. */
export function checkTlsrptRecord(facts: Facts): Verdict {
  const { snapshot } = facts
  const { tlsrptRecord, domain } = snapshot
  if (tlsrptRecord.outcome === 'failed' || tlsrptRecord.outcome === 'skipped') {
    const because = faultOf(tlsrptRecord) ?? moot('the record was not looked at')
    return together([
      undecided(RECORD_CODES, domain, null, because),
      undecided([UNDELIVERABLE], domain, 'any', because),
    ])
  }
  const place: Place = { domain, subject: null, at: tlsrptRecord.at }
  const records = tlsrptRecord.outcome === 'seen' ? tlsrptRecord.value.records : []
  const { value, problems } = parseTlsrptRecord(records)
  if (value !== null) {
    // The number of URIs has a finding of its own.
    const warnings = problems.filter((one) => one.severity === 'warning' && one.code !== 'rua-many')
    return together([
      warnings.length === 0
        ? CLEAR
        : found('tlsrpt.record.questionable', place, 'warning', {
            record: records.find((text) => text.startsWith('v=TLSRPTv1')) ?? '',
            problems: asEvidence(warnings),
          }),
      destinations(facts, place, value),
    ])
  }
  const unread = undecided([UNDELIVERABLE], domain, 'any', moot('the record cannot be read'))
  if (problems.some((problem) => problem.code === 'multiple-records')) {
    return together([found('tlsrpt.record.multiple', place, 'warning', { records }), unread])
  }
  if (records.some((text) => /^["\s]*v\s*=\s*tlsrpt/i.test(text))) {
    return together([
      found('tlsrpt.record.invalid', place, 'warning', { records, problems: asEvidence(problems) }),
      unread,
    ])
  }
  return missing(facts, place)
}

function missing(facts: Facts, place: Place): Verdict {
  const { published, takesMail } = facts
  const code = 'tlsrpt.record.missing'
  if (takesMail === false) return CLEAR
  if (takesMail !== true) return undecided([code], place.domain, null, takesMail)
  // Reports are what tells the operator how senders fare with the policy; without one there is less to hear.
  return found(code, place, published === false ? 'info' : 'warning', {})
}

function destinations(facts: Facts, place: Place, record: TlsrptRecord): Verdict {
  const uris = record.rua.map((uri) => uri.raw)
  return together([
    record.rua.length > MANY_URIS ? found('tlsrpt.rua.too-many', place, 'info', { uris }) : CLEAR,
    ...record.rua.map((uri) =>
      uri.scheme === 'mailto' && uri.mailDomain !== null
        ? delivery(facts, place, uri.raw, uri.mailDomain)
        : CLEAR,
    ),
  ])
}

function delivery(facts: Facts, place: Place, uri: string, mailDomain: DomainName): Verdict {
  const look = facts.snapshot.ruaDomains.find((one) => one.name === mailDomain)
  if (look === undefined) {
    return undecided([UNDELIVERABLE], place.domain, uri, moot(`${mailDomain} was not looked at`))
  }
  const because = unknown(look)
  if (because !== null) return undecided([UNDELIVERABLE], place.domain, uri, because)
  const at = look.mx.outcome === 'skipped' ? place.at : look.mx.at
  const why = obstacle(look)
  if (why === null) return CLEAR
  if (mailDomain === place.domain) {
    return undecided([UNDELIVERABLE], place.domain, uri, moot('told as the MX record of the domain itself'))
  }
  return found('tlsrpt.rua.undeliverable', { ...place, subject: uri, at }, 'warning', {
    uri,
    mailDomain,
    why,
  })
}

function unknown({ mx, addresses }: RuaDomainLook) {
  return faultOf(mx) ?? (mx.outcome === 'absent' ? faultOf(addresses) : null)
}

function obstacle({ mx, addresses }: RuaDomainLook): 'null-mx' | 'no-mail-host' | null {
  if (mx.outcome === 'seen') {
    return mx.value.records.every((record) => record.exchange === '.') ? 'null-mx' : null
  }
  return addresses.outcome === 'absent' ? 'no-mail-host' : null
}
