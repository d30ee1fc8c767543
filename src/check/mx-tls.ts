import type { FindingCode } from '../model/finding.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { certificateCodes, checkCertificates, type Presented } from './certificate.ts'
import { isSecondCertificate } from './faces-shown.ts'
import type { Facts } from './facts.ts'
import { faultOf, isForgotten } from './fault-class.ts'
import { evidenceOf, hiddenBehind, type Reached, reachedOf, type StartTlsTrouble } from './mx-session.ts'
import { byMode, forShare } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const TROUBLE_CODES = {
  missing: 'mx.starttls.missing',
  refused: 'mx.starttls.refused',
  injection: 'mx.starttls.injection',
  failed: 'mx.tls.failed',
} as const
const STARTTLS_CODES: readonly FindingCode[] = Object.values(TROUBLE_CODES)
const CODES: readonly FindingCode[] = [...STARTTLS_CODES, ...certificateCodes('mx')]

/** STARTTLS, handshake and certificate of every MX host at every address (RFC 8461 §4.2, RFC 3207). */
export function checkMxTls(facts: Facts): Verdict {
  const { mx, domain, hosts } = facts.snapshot
  const because = faultOf(mx)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  return together(hosts.map((host) => hostTls(facts, host)))
}

function hostTls(facts: Facts, host: MxHost): Verdict {
  const { domain } = facts.snapshot
  const because = faultOf(host.addresses)
  if (because !== null) return undecided(CODES, domain, host.name, because)
  const reached = reachedOf(host, facts.vantage.smtp)
  if (reached.length === 0) return undecided(CODES, domain, host.name, moot('no address was asked'))
  const mode = facts.modeInForce
  const presented = reached.map(
    (one): Presented => ({
      address: one.address,
      look: certificateLook(one),
      isForgotten: isForgottenAt(facts, host, one),
    }),
  )
  return together([
    startTls(facts, host, reached),
    checkCertificates(
      {
        kind: 'mx',
        domain: facts.domain,
        host: host.name,
        mode,
        // Without a policy senders do not look at the certificate: RFC 3207 §4.1.
        severity: byMode(mode, 'critical', 'warning', 'info'),
        soon: byMode(mode, 'critical', 'warning', 'info'),
        later: byMode(mode, 'warning', 'warning', 'info'),
        hasBothKeyTypes: host.faces.some(isSecondCertificate),
        now: facts.now,
      },
      presented,
    ),
  ])
}

function startTls(facts: Facts, host: MxHost, reached: readonly Reached[]): Verdict {
  const { domain } = facts.snapshot
  const spoke = reached.filter((one) => one.step.at === 'starttls' || one.step.at === 'established')
  const hidden = (
    spoke.length === 0 ? reached : reached.filter((one) => !isForgottenAt(facts, host, one))
  ).flatMap(({ step }) => {
    if (step.at === 'handshake-unknown') return [step.fault]
    if (step.at === 'unrouted') return spoke.length === 0 ? [step.fault] : []
    const fault = hiddenBehind(step)
    return fault === null ? [] : [fault]
  })
  const [because] = hidden
  const troubles = Object.keys(TROUBLE_CODES) as StartTlsTrouble[]
  return together([
    ...troubles.map((trouble) => startTlsTrouble(facts, host, trouble, spoke)),
    because === undefined ? CLEAR : undecided(STARTTLS_CODES, domain, host.name, because),
  ])
}

function startTlsTrouble(
  facts: Facts,
  host: MxHost,
  trouble: StartTlsTrouble,
  spoke: readonly Reached[],
): Verdict {
  const failing = spoke.filter(({ step }) => step.at === 'starttls' && step.trouble === trouble)
  if (failing.length === 0) return CLEAR
  const severity = byMode(facts.modeInForce, 'critical', 'warning', 'warning')
  return found(
    TROUBLE_CODES[trouble],
    {
      domain: facts.snapshot.domain,
      subject: host.name,
      at: Math.max(...failing.map((one) => one.observedAt)),
    },
    forShare(severity, failing.length, spoke.length),
    {
      host: host.name,
      failures: evidenceOf(failing, (step) => (step.at === 'starttls' ? step.detail : '')),
      of: spoke.length,
      mode: facts.modeInForce,
    },
  )
}

/** The handshake of a session as an observation of its own, so that the certificate checks need not know SMTP. */
function certificateLook({ step, observedAt }: Reached): Observation<TlsFacts> {
  if (step.at === 'established') return { outcome: 'seen', at: observedAt, tookMs: 0, value: step.tls }
  if (step.at === 'unrouted') return { outcome: 'skipped', because: step.fault.detail }
  const hidden = step.at === 'handshake-unknown' ? step.fault : hiddenBehind(step)
  const fault = hidden ?? moot('there was no handshake')
  return { outcome: 'failed', at: observedAt, tookMs: 0, fault }
}

/** Has this address been out of reach for so long that it holds no earlier finding open any more? */
function isForgottenAt(facts: Facts, host: MxHost, { address }: Reached): boolean {
  const earlier = facts.before?.hosts.find((one) => one.name === host.name)
  return isForgotten(earlier?.sessions.find((session) => session.address === address)?.smtp, facts.now)
}
