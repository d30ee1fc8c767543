import { daneAddresses, daneView } from '../../src/check/dane-view.ts'
import { type Facts, gatherFacts } from '../../src/check/facts.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { context, watched } from '../unit/check/snapshot-builder.ts'
import type { Look } from './look-at.ts'

/** What becomes of a mail. The same words for Postfix and for the product, so that they can be compared. */
export type TlsVerdict =
  | 'verified'
  /** By DANE, but the way to the host is not secure. */
  | 'verified, MX unsigned'
  /** Over TLS, and nobody proved who the server is. */
  | 'TLS only'
  /** DANE says nothing of this host. */
  | 'no DANE'
  | 'refused'
  /** Who cannot be asked counts as unreachable. */
  | 'deferred'
  | 'undecided'

/** What Postfix itself says, in its own words where it gives a reason. */
export interface FingerVerdict {
  readonly verdict: TlsVerdict
  readonly words: string
}

/** Reads what posttls-finger -v wrote. */
export function fingerVerdict(said: string, level: 'dane' | 'secure'): FingerVerdict {
  const [, lookUp] = /(Destination address lookup failed|TLSA lookup error)/.exec(said) ?? []
  if (lookUp !== undefined) return { verdict: 'deferred', words: lookUp }
  const [, trust] = /(\w+) TLS connection established/.exec(said) ?? []
  if (level === 'dane') {
    // Without records the program goes on as for -l secure, which is no delivery of Postfix's.
    if (/: no TLSA records found/.test(said)) return { verdict: 'no DANE', words: 'no TLSA records found' }
    const [, unusable] = /(no usable TLSA records found|all TLSA records unusable)/.exec(said) ?? []
    if (unusable !== undefined) {
      return trust === undefined ? without(said) : { verdict: 'TLS only', words: unusable }
    }
  }
  if (trust === undefined) return without(said)
  if (trust === 'Verified') return { verdict: 'verified', words: 'Verified' }
  if (trust === 'Trusted' && /MX RRset insecure/.test(said))
    return { verdict: 'verified, MX unsigned', words: 'Trusted: MX RRset insecure' }
  return { verdict: 'refused', words: `${trust}: ${reason(said)}` }
}

function without(said: string): FingerVerdict {
  return {
    verdict: 'refused',
    words: /SSL_connect error/.test(said) ? 'SSL_connect error' : 'STARTTLS was not offered',
  }
}

function reason(said: string): string {
  const [, why = 'the names do not match'] =
    /certificate verification failed for \S+: (?:num=\d+:)?([^/\n]*[^/\s])/.exec(said) ?? []
  return why
}

/** The product's own verdict on the one mail host of a domain, for a sender that does DANE. */
export function daneVerdict(snapshot: Snapshot): TlsVerdict {
  const facts = factsOf(snapshot)
  const { mx, hosts } = snapshot
  const [host] = hosts
  if (mx.outcome === 'failed' || host === undefined || host.addresses.outcome === 'failed') return 'deferred'
  const view = daneView(facts, host)
  switch (view.kind) {
    case 'undecided':
      return 'undecided'
    case 'failing':
      return 'deferred'
    case 'none':
    case 'insecure':
      return 'no DANE'
    case 'tls-only':
    case 'authenticated': {
      const isSecure = mx.outcome === 'seen' ? mx.value.security === 'secure' : true
      const [result] = daneAddresses(facts, host, view).map((one) => one.result.outcome)
      switch (result) {
        case 'authenticated':
          return isSecure ? 'verified' : 'verified, MX unsigned'
        case 'unusable':
          return 'TLS only'
        case 'failed':
        case 'no-tls':
          return 'refused'
        default:
          return 'undecided'
      }
    }
  }
}

function factsOf(snapshot: Snapshot): Facts {
  return gatherFacts(snapshot, watched({ name: snapshot.domain }), context({ now: snapshot.takenAt }))
}

const REFUSED_BY_PKIX =
  /^mx\.(?:certificate\.(?:expired|name-mismatch|untrusted|missing-intermediate)|starttls\.|tls\.)/

/** The same for a sender that enforces an MTA-STS policy. */
export function pkixVerdict(look: Look): TlsVerdict {
  return look.codes('mx.').some((code) => REFUSED_BY_PKIX.test(code)) ? 'refused' : 'verified'
}
