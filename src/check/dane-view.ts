import type { UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { MxHost, MxSession } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { type DaneResult, matchDane } from '../protocol/dane/match.ts'
import { isUsable, parseTlsa, type TlsaRecord } from '../protocol/dane/tlsa.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { Facts } from './facts.ts'
import { faultClass, faultOf } from './fault-class.ts'
import { hiddenBehind, reachedOf } from './mx-session.ts'
import { moot } from './verdict.ts'

/** What a sender that does DANE makes of the DNS of a mail host (RFC 7672 §2.2). */
export type DaneView =
  | { readonly kind: 'undecided'; readonly because: Fault }
  /** No records, or none that could count: TLS as it comes. */
  | { readonly kind: 'none' }
  /** Records that no signature protects: they have no effect. */
  | (DaneRecords & { readonly kind: 'insecure' })
  /** The look-up fails: the host counts as unreachable (RFC 7672 §2.1). */
  | { readonly kind: 'failing'; readonly fault: Fault; readonly at: UnixMs }
  /** Records, and not one that is usable: TLS is a must, and nobody is authenticated. */
  | (DaneRecords & { readonly kind: 'tls-only' })
  /** The host must prove itself by one of the records. */
  | (DaneRecords & { readonly kind: 'authenticated' })

export interface DaneRecords {
  readonly base: DomainName
  /** As published. */
  readonly rdata: readonly string[]
  readonly records: readonly TlsaRecord[]
  readonly at: UnixMs
}

export function daneView(facts: Facts, host: MxHost): DaneView {
  const { tlsa, tlsaBase, addresses } = host
  if (tlsa.outcome === 'failed') return failedView(facts, tlsa.fault, tlsa.at)
  const because = faultOf(addresses)
  if (because !== null) return { kind: 'undecided', because }
  const security = tlsa.outcome === 'seen' ? tlsa.value.security : addressSecurity(host)
  // RFC 7672 §2.1.1: only a resolver that validates, over a trusted path, can tell the two apart.
  if (security !== 'secure' && !isValidating(facts))
    return { kind: 'undecided', because: notValidating(facts) }
  if (tlsa.outcome !== 'seen' || tlsaBase === null) return { kind: 'none' }
  const { records: rdata } = tlsa.value
  const records = rdata.flatMap((text) => parseTlsa(text) ?? [])
  const found = { base: tlsaBase, rdata, records, at: tlsa.at }
  if (security !== 'secure') return { kind: 'insecure', ...found }
  return { kind: records.some(isUsable) ? 'authenticated' : 'tls-only', ...found }
}

/** The addresses were found, in the same minute and by the same resolver: what fails is the question for TLSA. */
function failedView({ vantage }: Facts, fault: Fault, at: UnixMs): DaneView {
  const isTheirs = faultClass(fault) === 'dns' && vantage.dns === 'sees' && fault.kind !== 'dns-split'
  return isTheirs ? { kind: 'failing', fault, at } : { kind: 'undecided', because: fault }
}

function addressSecurity({ addresses }: MxHost) {
  return addresses.outcome === 'seen' ? addresses.value.security : 'insecure'
}

/** Told once, about the monitor; an open question of the domain only where it says that DANE must be. */
function notValidating({ domain }: Facts): Fault {
  const detail = 'the resolver does not show that it validates DNSSEC: DANE cannot be judged'
  return domain.dane === 'required' ? { kind: 'internal', blame: 'local', detail } : moot(detail)
}

/** Has this resolver shown that it validates: by any answer of this look, or of late? */
export function isValidating({ snapshot, vantage }: Pick<Facts, 'snapshot' | 'vantage'>): boolean {
  if (vantage.dnssec === 'sees') return true
  const looks = [
    snapshot.mx,
    snapshot.stsRecord,
    snapshot.tlsrptRecord,
    snapshot.policyHost.addresses,
    ...snapshot.hosts.flatMap(({ addresses, tlsa }) => [addresses, tlsa]),
  ]
  return looks.some((look) =>
    look.outcome === 'seen'
      ? look.value.security === 'secure'
      : look.outcome === 'absent' && look.security === 'secure',
  )
}

/** What one address shows to a sender that does DANE. */
export interface DaneAddress {
  readonly address: IpAddress
  readonly observedAt: UnixMs
  readonly result:
    | (DaneResult & { readonly tls: TlsFacts })
    /** No handshake: told by the STARTTLS findings. */
    | { readonly outcome: 'no-tls' }
    | { readonly outcome: 'unknown'; readonly fault: Fault }
}

/** The chain of every address against the records. */
export function daneAddresses(
  facts: Facts,
  host: MxHost,
  { base, records }: DaneRecords,
): readonly DaneAddress[] {
  const names = referenceNames(facts, host, base)
  const steps = new Map(reachedOf(host, facts.vantage.smtp).map((reached) => [reached.address, reached]))
  return host.sessions.flatMap((session): readonly DaneAddress[] => {
    const reached = steps.get(session.address)
    if (reached === undefined) return []
    const { address, step, observedAt } = reached
    const told = { address, observedAt }
    if (step.at === 'starttls') return [{ ...told, result: { outcome: 'no-tls' } }]
    if (step.at !== 'established') {
      const fault =
        step.at === 'handshake-unknown' || step.at === 'unrouted' ? step.fault : hiddenBehind(step)
      return [{ ...told, result: { outcome: 'unknown', fault: fault ?? moot('there was no session') } }]
    }
    const shown = shownToDane(session, step.tls)
    if ('fault' in shown) return [{ ...told, result: { outcome: 'unknown', fault: shown.fault } }]
    const { chain, linked } = shown.tls
    const result = matchDane(records, { chain, linked }, { names, now: facts.now })
    return [{ ...told, result: { ...result, tls: shown.tls } }]
  })
}

/** The session that was made for DANE, where one was; a broken one says nothing. */
function shownToDane(
  { dane }: MxSession,
  ordinary: TlsFacts,
): { readonly tls: TlsFacts } | { readonly fault: Fault } {
  if (dane.outcome === 'skipped') return { tls: ordinary }
  if (dane.outcome !== 'seen') return { fault: faultOf(dane) ?? moot('there was no session for DANE') }
  const { startTls } = dane.value
  if (startTls.outcome === 'established') return { tls: startTls.tls }
  return {
    fault:
      startTls.outcome === 'handshake-failed'
        ? startTls.fault
        : {
            kind: 'smtp-malformed',
            blame: 'remote',
            detail: 'STARTTLS was offered once, and then not again',
          },
  }
}

/**
 * RFC 7672 §3.2.2: the TLSA base domain; with a secure MX record the next-hop domain as well, and the name that it is an alias
 * of.
 */
export function referenceNames({ snapshot }: Facts, host: MxHost, base: DomainName): readonly string[] {
  const { domain, mx } = snapshot
  if (host.source === 'implicit') return [...new Set([base, domain])]
  if (mx.outcome !== 'seen' || mx.value.security !== 'secure') return [base]
  return [...new Set([base, domain, ...mx.value.cnames.slice(-1)])]
}
