import { HOUR_MS } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { FindingCode, Judgement } from '../model/finding.ts'
import type { Vantage } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { CONFIRMATIONS } from './confirmation.ts'

/** What the monitor knows of its own trouble while it judges a domain. */
export interface OwnTrouble {
  readonly vantage: Vantage
  /** How far our clock is off; null when nobody told. */
  readonly clockSkewMs: number | null
}

const RESTING_ON_TIME: readonly FindingCode[] = [
  'policy-host.certificate.expired',
  'policy-host.certificate.expiring',
  'mx.certificate.expired',
  'mx.certificate.expiring',
  'mx.certificate.not-reloaded',
  'mx.certificate.key-types-differ',
  'mx.face.certificate-expired',
  // A resolver on this machine validates by the same clock.
  'dnssec.zone.bogus',
  'dnssec.signature.expiring',
]

/**
 * Takes out of a domain's judgement what our own trouble explains (R68): with a blind resolver everything (R27), with a
 * clock more than an hour off what rests on the time (R35). What is taken out becomes undecided: neither bad nor good.
 */
export function inhibit(judgement: Judgement, domain: DomainName, trouble: OwnTrouble): Judgement {
  if (trouble.vantage.dns === 'blind') {
    const codes = Object.keys(CONFIRMATIONS) as FindingCode[]
    return undecide(judgement, domain, codes, 'no resolver answers, not even for canary names')
  }
  if (trouble.clockSkewMs !== null && Math.abs(trouble.clockSkewMs) > HOUR_MS) {
    return undecide(judgement, domain, RESTING_ON_TIME, 'the clock of this machine is more than an hour off')
  }
  return judgement
}

function undecide(
  judgement: Judgement,
  domain: DomainName,
  codes: readonly FindingCode[],
  detail: string,
): Judgement {
  const because: Fault = { kind: 'internal', blame: 'local', detail }
  return {
    ...judgement,
    findings: judgement.findings.filter(({ code }) => !codes.includes(code)),
    undecided: [
      ...judgement.undecided,
      ...codes.map((code) => ({ code, domain, subject: 'any', because }) as const),
    ],
  }
}
