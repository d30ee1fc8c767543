import type { MxHost } from '../model/snapshot.ts'
import type { DaneFailure } from '../protocol/dane/match.ts'
import { formatTlsa } from '../protocol/dane/tlsa.ts'
import { type DaneAddress, type DaneRecords, daneAddresses, daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'

/** What senders that do DANE make of one MX host, for the eyes of people. */
export interface DaneOutcome {
  readonly host: string
  readonly verdict:
    | 'authenticated'
    /** TLS is a must, nobody is authenticated. */
    | 'tls-only'
    | 'refused'
    /** The question for TLSA fails: they defer. */
    | 'unreachable'
    | 'not-used'
    | 'undecided'
  /** One line without a full stop. */
  readonly detail: string
}

/** One outcome a host, in the order of the snapshot; empty where the domain says `dane: ignore`. */
export function daneOutcomes(facts: Facts): readonly DaneOutcome[] {
  if (facts.domain.dane === 'ignore') return []
  return facts.snapshot.hosts
    .filter(({ target }) => target === 'host')
    .map((host) => ({ host: host.name, ...outcomeOf(facts, host) }))
}

/** The same for one host. */
export function daneOutcome(facts: Facts, host: MxHost): DaneOutcome {
  return { host: host.name, ...outcomeOf(facts, host) }
}

type Told = Omit<DaneOutcome, 'host'>

function outcomeOf(facts: Facts, host: MxHost): Told {
  const view = daneView(facts, host)
  switch (view.kind) {
    case 'undecided':
      return { verdict: 'undecided', detail: view.because.detail }
    case 'none':
      return { verdict: 'not-used', detail: 'no TLSA records' }
    case 'insecure':
      return { verdict: 'not-used', detail: 'the TLSA records are not protected by DNSSEC' }
    case 'failing':
      return { verdict: 'unreachable', detail: `the TLSA records cannot be had: ${view.fault.detail}` }
    case 'tls-only':
      return { verdict: 'tls-only', detail: 'no TLSA record is usable' }
    case 'authenticated':
      return ofAddresses(facts, view, daneAddresses(facts, host, view))
  }
}

function ofAddresses(facts: Facts, view: DaneRecords, addresses: readonly DaneAddress[]): Told {
  const failed = addresses.flatMap(({ address, result }) =>
    result.outcome === 'failed' ? [`${address}: ${FAILURES[result.why]}`] : [],
  )
  const bare = addresses.flatMap(({ address, result }) =>
    result.outcome === 'no-tls' ? [`${address}: no TLS`] : [],
  )
  const [refusal] = [...failed, ...bare]
  if (refusal !== undefined) return { verdict: 'refused', detail: refusal }
  const [unknown] = addresses.flatMap(({ result }) =>
    result.outcome === 'unknown' ? [result.fault.detail] : [],
  )
  if (unknown !== undefined) return { verdict: 'undecided', detail: unknown }
  const [good] = addresses.flatMap(({ result }) =>
    result.outcome === 'authenticated' ? [result.record] : [],
  )
  if (good === undefined) return { verdict: 'undecided', detail: 'no address showed a certificate' }
  const at = `at _25._tcp.${view.base}`
  return { verdict: 'authenticated', detail: `${shortened(formatTlsa(good))} ${at}${unlessSigned(facts)}` }
}

const FAILURES: Readonly<Record<DaneFailure, string>> = {
  name: 'the certificate names another host',
  dates: 'a certificate of the chain has ended',
  signatures: 'the signatures do not lead to the trust anchor',
  'anchor-not-sent': 'the trust anchor is not sent',
  mismatch: 'no TLSA record names the certificate',
}

/** RFC 7672 §2.2.1: behind an MX record that is not signed it must not pass for secure delivery. */
function unlessSigned({ snapshot }: Facts): string {
  const isSigned = snapshot.mx.outcome !== 'seen' || snapshot.mx.value.security === 'secure'
  return isSigned ? '' : '; the MX record is not signed, so mail can be led to another host'
}

function shortened(record: string): string {
  return record.length <= 24 ? record : `${record.slice(0, 22)}…`
}
