/** DNSSEC as validating senders meet it: which names do not validate, and which signatures are about to end (RFC 4035). */

import { DAY_MS, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { DnsAnswer, SignatureLife } from '../model/dns.ts'
import type { BogusName, NamePurpose } from '../model/evidence/dnssec-evidence.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { childName } from '../protocol/domain-name.ts'
import type { Facts } from './facts.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = ['dnssec.zone.bogus', 'dnssec.signature.expiring']
const EXPIRING: readonly FindingCode[] = ['dnssec.signature.expiring']

/** One question of the look. */
interface Question {
  readonly name: string
  readonly type: BogusName['type']
  readonly purpose: NamePurpose
  /** The zone it lies in, as far as that can be told without asking. */
  readonly zone: string
  readonly look: Observation<DnsAnswer<unknown>>
}

/**
 * One finding a zone, however many of its names are concerned. What no resolver told stays undecided, and so does
 * everything while ours do not validate.
 */
export function checkDnssec(facts: Facts): Verdict {
  const { snapshot, vantage } = facts
  const { domain } = snapshot
  const questions = questionsOf(snapshot)
  const silent = questions.flatMap(({ look }) =>
    look.outcome === 'failed' && look.fault.kind !== 'dns-bogus' ? [look.fault] : [],
  )
  const [unheard] = silent
  return together([
    ...byZone(questions.filter(({ look }) => isBogus(look))).map(([zone, own]) => bogus(zone, own, facts)),
    ...expiringOf(questions, facts),
    // Behind MX records that cannot be had there may be hosts whose zones are no better than before.
    snapshot.mx.outcome === 'failed' ? undecided(CODES, domain, 'any', snapshot.mx.fault) : CLEAR,
    unheard === undefined ? CLEAR : undecided(CODES, domain, 'any', unheard),
    vantage.dnssec === 'sees'
      ? CLEAR
      : undecided(CODES, domain, 'any', moot('no resolver is known to validate DNSSEC')),
  ])
}

function isBogus(look: Observation<unknown>): boolean {
  return look.outcome === 'failed' && look.fault.kind === 'dns-bogus'
}

function bogus(zone: string, own: readonly Question[], { snapshot }: Facts): Verdict {
  const names = own.flatMap(({ name, type, purpose, look }): readonly BogusName[] =>
    look.outcome === 'failed' ? [{ name, type, purpose, detail: look.fault.detail }] : [],
  )
  const at = Math.max(...own.map(({ look }) => (look.outcome === 'skipped' ? 0 : look.at)))
  const severity =
    stopsMail(snapshot) && names.some(({ purpose }) => carriesMail(purpose)) ? 'critical' : 'warning'
  return found('dnssec.zone.bogus', { domain: snapshot.domain, subject: zone, at }, severity, { zone, names })
}

function carriesMail(purpose: NamePurpose): boolean {
  return purpose === 'mx' || purpose === 'host' || purpose === 'tlsa'
}

/** Is there no host left that a validating sender may use? RFC 7672 §2.2: without its TLSA answer a host is unreachable. */
function stopsMail({ mx, hosts }: Snapshot): boolean {
  return isBogus(mx) || hosts.every(({ addresses, tlsa }) => isBogus(addresses) || isBogus(tlsa))
}

// Signers renew long before the end: BIND with 5 of 14 days left, PowerDNS with 7 of 21, those that sign every answer
// with half of two days. Only Knot waits by default until an hour and the longest TTL are left.
const NOTICE_MS = 3 * DAY_MS
const WARNING_MS = DAY_MS
const CRITICAL_MS = HOUR_MS
/** Short lives are meant when they are renewed early: only the last tenth of a life is unusual. */
const LAST_PART = 0.1

/** How grave it is that a signature has this long to live; null when that is usual. */
function severityOf({ beganAt, endAt }: SignatureLife, now: UnixMs): Severity | null {
  const leftMs = endAt - now
  if (leftMs >= NOTICE_MS || leftMs >= (endAt - beganAt) * LAST_PART) return null
  if (leftMs < CRITICAL_MS) return 'critical'
  return leftMs < WARNING_MS ? 'warning' : 'info'
}

function expiringOf(questions: readonly Question[], { snapshot }: Facts): readonly Verdict[] {
  const { domain } = snapshot
  const secure = questions.flatMap((question) => {
    const { look } = question
    return look.outcome === 'seen' && look.value.security === 'secure'
      ? [{ ...question, at: look.at, life: look.value.signatures }]
      : []
  })
  const unshown = secure.some(({ life }) => life === null)
  const ending = new Map<string, Verdict>()
  const shown = secure.flatMap((one) => (one.life === null ? [] : [{ ...one, life: one.life }]))
  for (const { name, type, at, life } of shown.toSorted((a, b) => a.life.endAt - b.life.endAt)) {
    // By the instant of the answer: a mail host's may be some minutes old.
    const severity = severityOf(life, at)
    if (severity === null || ending.has(life.zone)) continue
    const place = { domain, subject: life.zone, at }
    ending.set(life.zone, found('dnssec.signature.expiring', place, severity, { ...life, name, type }))
  }
  return [
    ...ending.values(),
    unshown ? undecided(EXPIRING, domain, 'any', moot('the resolver does not show signatures')) : CLEAR,
  ]
}

function byZone(questions: readonly Question[]): readonly (readonly [string, readonly Question[]])[] {
  return [...Map.groupBy(questions, ({ zone }) => zone)]
}

function questionsOf(snapshot: Snapshot): readonly Question[] {
  const { domain, policyHost } = snapshot
  const own = { zone: domain }
  return [
    { ...own, name: domain, type: 'MX', purpose: 'mx', look: snapshot.mx },
    ...snapshot.hosts.flatMap((host): readonly Question[] => {
      const zone = zoneOf(host.name, domain)
      const tlsaName = `_25._tcp.${host.name}`
      return [
        { zone, name: host.name, type: 'A', purpose: 'host', look: host.addresses },
        { zone, name: tlsaName, type: 'TLSA', purpose: 'tlsa', look: host.tlsa },
      ]
    }),
    {
      ...own,
      name: childName('_mta-sts', domain),
      type: 'TXT',
      purpose: 'sts-record',
      look: snapshot.stsRecord,
    },
    { ...own, name: policyHost.name, type: 'A', purpose: 'policy-host', look: policyHost.addresses },
    {
      ...own,
      name: childName('_smtp', childName('_tls', domain)),
      type: 'TXT',
      purpose: 'tlsrpt-record',
      look: snapshot.tlsrptRecord,
    },
  ]
}

/** A host of the domain lies in its zone, any other in that of its parent: close enough to tell operators apart. */
function zoneOf(host: string, domain: string): string {
  if (host === domain || host.endsWith(`.${domain}`)) return domain
  const parent = host.slice(host.indexOf('.') + 1)
  return parent.includes('.') ? parent : host
}
