import type { DaneEvidence, FlawedRecord } from '../model/evidence/dane-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { pins } from '../protocol/dane/match.ts'
import { agileRecords, formatTlsa, type TlsaFlaw, tlsaFlaw } from '../protocol/dane/tlsa.ts'
import {
  type DaneAddress,
  type DaneRecords,
  type DaneView,
  daneAddresses,
  daneView,
  referenceNames,
} from './dane-view.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { forShare } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const FAILURE_CODES = [
  'dane.tlsa.mismatch',
  'dane.tlsa.anchor-not-sent',
  'dane.tlsa.name-mismatch',
  'dane.tlsa.chain-expired',
] as const satisfies readonly FindingCode[]
const RECORD_CODES = ['dane.tlsa.unusable', 'dane.tlsa.malformed', 'dane.tlsa.empty-digest'] as const
const HOST_CODES: readonly FindingCode[] = [
  ...FAILURE_CODES,
  ...RECORD_CODES,
  'dane.tlsa.insecure',
  'dane.tlsa.missing',
  'dane.tlsa.lookup-failing',
]
const CODES: readonly FindingCode[] = [...HOST_CODES, 'dane.tlsa.partial']

/** TLSA records of every MX host, and what they say of the chains that its addresses send (RFC 7672). */
export function checkDane(facts: Facts): Verdict {
  const { mx, domain, hosts } = facts.snapshot
  if (facts.domain.dane === 'ignore' || facts.takesMail === false) return CLEAR
  const because = faultOf(mx)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  const views = hosts
    .filter(({ target }) => target === 'host')
    .map((host) => ({ host, view: daneView(facts, host) }))
  return together([...views.map(({ host, view }) => hostDane(facts, host, view)), partial(facts, views)])
}

function hostDane(facts: Facts, host: MxHost, view: DaneView): Verdict {
  const { domain } = facts.snapshot
  switch (view.kind) {
    case 'undecided':
      return undecided(HOST_CODES, domain, host.name, view.because)
    case 'none':
      return missing(facts, host)
    case 'insecure':
      return found('dane.tlsa.insecure', placeOf(facts, host, view.at), 'warning', evidenceOf(host, view))
    case 'failing':
      return together([
        // Broken signatures have a finding of their own, whatever else of the zone they break.
        view.fault.kind === 'dns-bogus'
          ? undecided(['dane.tlsa.lookup-failing'], domain, host.name, moot('the signatures are broken'))
          : found('dane.tlsa.lookup-failing', placeOf(facts, host, view.at), 'critical', {
              host: host.name,
              owner: `_25._tcp.${host.name}`,
              detail: view.fault.detail,
            }),
        // What the records would say of the certificate cannot be told while they cannot be had.
        undecided([...FAILURE_CODES, ...RECORD_CODES], domain, host.name, view.fault),
      ])
    case 'tls-only':
    case 'authenticated':
      return withRecords(facts, host, view)
  }
}

/** Where DANE is meant to be, its absence is a finding. */
function missing(facts: Facts, host: MxHost): Verdict {
  if (facts.domain.dane !== 'required' || host.addresses.outcome === 'absent') return CLEAR
  const at = host.tlsa.outcome === 'skipped' ? facts.snapshot.takenAt : host.tlsa.at
  return found('dane.tlsa.missing', placeOf(facts, host, at), 'warning', {
    host: host.name,
    certificate: leafOf(host),
  })
}

function withRecords(
  facts: Facts,
  host: MxHost,
  view: DaneRecords & { readonly kind: DaneView['kind'] },
): Verdict {
  const addresses = daneAddresses(facts, host, view)
  const isCovered = addresses.some(({ result }) => result.outcome === 'authenticated')
  const empty = view.records.filter((record) => tlsaFlaw(record) === 'digest-of-nothing')
  // Where nothing but digests of nothing is left, that is the cause, and it is told once.
  const isEmptyAlone =
    empty.length > 0 && agileRecords(view.records).every((record) => empty.includes(record))
  return together([
    flawed(facts, host, view),
    empty.length === 0
      ? CLEAR
      : found('dane.tlsa.empty-digest', placeOf(facts, host, view.at), isCovered ? 'warning' : 'critical', {
          ...evidenceOf(host, view),
          certificate: leafOf(host),
          isCovered,
        }),
    isEmptyAlone
      ? undecided(FAILURE_CODES, facts.snapshot.domain, host.name, moot('the records are digests of nothing'))
      : failures(facts, host, view, addresses),
  ])
}

const FLAWS: Readonly<Record<'dane.tlsa.unusable' | 'dane.tlsa.malformed', readonly TlsaFlaw[]>> = {
  'dane.tlsa.unusable': ['pkix-usage', 'unknown-usage', 'unknown-selector', 'unknown-matching'],
  'dane.tlsa.malformed': ['no-data', 'digest-length'],
}

/** Records that senders leave out: a pity where others remain, no authentication where none does. */
function flawed(facts: Facts, host: MxHost, view: DaneRecords): Verdict {
  const usable = agileRecords(view.records).length
  const codes = Object.keys(FLAWS) as (keyof typeof FLAWS)[]
  return together(
    codes.map((code) => {
      const bad = view.records.flatMap((record): readonly FlawedRecord[] => {
        const flaw = tlsaFlaw(record)
        return flaw !== null && FLAWS[code].includes(flaw) ? [{ rdata: formatTlsa(record), flaw }] : []
      })
      if (bad.length === 0) return CLEAR
      const evidence = { ...evidenceOf(host, view), flawed: bad, usable }
      return found(code, placeOf(facts, host, view.at), usable > 0 ? 'info' : 'warning', evidence)
    }),
  )
}

/** Addresses whose chain none of the records vouches for, one finding a cause. */
function failures(facts: Facts, host: MxHost, view: DaneRecords, addresses: readonly DaneAddress[]): Verdict {
  const { domain } = facts.snapshot
  const [unknown] = addresses.flatMap(({ result }) => (result.outcome === 'unknown' ? [result.fault] : []))
  const shown = addresses.filter(
    ({ result }) => result.outcome === 'authenticated' || result.outcome === 'failed',
  )
  const because = unknown ?? (shown.length === 0 ? moot('no address showed a certificate') : null)
  return together([
    ...FAILURE_CODES.map((code) => failure(facts, host, view, { code, shown })),
    because === null ? CLEAR : undecided(FAILURE_CODES, domain, host.name, because),
  ])
}

interface Shown {
  readonly code: (typeof FAILURE_CODES)[number]
  readonly shown: readonly DaneAddress[]
}

function failure(facts: Facts, host: MxHost, view: DaneRecords, { code, shown }: Shown): Verdict {
  const failing = shown.filter(({ result }) => result.outcome === 'failed' && codeOf(result.why) === code)
  const [first] = failing
  if (first?.result.outcome !== 'failed') return CLEAR
  const at = Math.max(view.at, ...failing.map(({ observedAt }) => observedAt))
  const evidence = {
    ...evidenceOf(host, view),
    addresses: failing.map(({ address }) => address),
    of: shown.length,
    chain: first.result.tls.chain,
    mxInsecure: facts.snapshot.mx.outcome === 'seen' && facts.snapshot.mx.value.security !== 'secure',
    matchedBefore: matchedBefore(facts, host, view),
    brokenChain: first.result.why === 'signatures',
    names: referenceNames(facts, host, view.base),
  }
  const kept = EVIDENCE_OF[code](evidence)
  return found(code, placeOf(facts, host, at), forShare('critical', failing.length, shown.length), kept)
}

type FailureEvidence = DaneEvidence['dane.tlsa.mismatch'] & DaneEvidence['dane.tlsa.name-mismatch']

const EVIDENCE_OF: { readonly [C in Shown['code']]: (all: FailureEvidence) => DaneEvidence[C] } = {
  'dane.tlsa.mismatch': ({ names: _, ...evidence }) => evidence,
  'dane.tlsa.anchor-not-sent': ({ names: _, matchedBefore: __, brokenChain: ___, ...evidence }) => evidence,
  'dane.tlsa.name-mismatch': ({ matchedBefore: _, brokenChain: __, ...evidence }) => evidence,
  'dane.tlsa.chain-expired': ({ names: _, matchedBefore: __, brokenChain: ___, ...evidence }) => evidence,
}

function codeOf(why: 'name' | 'dates' | 'signatures' | 'anchor-not-sent' | 'mismatch'): Shown['code'] {
  switch (why) {
    case 'name':
      return 'dane.tlsa.name-mismatch'
    case 'dates':
      return 'dane.tlsa.chain-expired'
    case 'anchor-not-sent':
      return 'dane.tlsa.anchor-not-sent'
    case 'signatures':
    case 'mismatch':
      return 'dane.tlsa.mismatch'
  }
}

/** The usual accident: renewed with another key, and the record still names the old one. */
function matchedBefore({ before }: Facts, { name }: MxHost, { records }: DaneRecords): boolean {
  const earlier = before?.hosts.find((host) => host.name === name)
  const leaf = earlier === undefined ? null : leafOf(earlier)
  return leaf !== null && records.some((record) => record.usage === 3 && pins(record, leaf))
}

/** Some hosts can prove themselves, others cannot: who wants to listen makes senders go to the others. */
function partial(
  facts: Facts,
  views: readonly { readonly host: MxHost; readonly view: DaneView }[],
): Verdict {
  const { domain } = facts.snapshot
  const covered = views.filter(({ view }) => view.kind === 'authenticated')
  const open = views.find(({ view }) => view.kind === 'undecided')
  if (open?.view.kind === 'undecided')
    return undecided(['dane.tlsa.partial'], domain, null, open.view.because)
  const uncovered = views.filter(({ view }) => view.kind === 'none' || view.kind === 'insecure')
  // Where DANE is required each of them has a finding of its own.
  if (covered.length === 0 || uncovered.length === 0 || facts.domain.dane === 'required') return CLEAR
  const at = facts.snapshot.mx.outcome === 'seen' ? facts.snapshot.mx.at : facts.snapshot.takenAt
  return found('dane.tlsa.partial', { domain, subject: null, at }, 'info', {
    covered: covered.map(({ host }) => host.name),
    uncovered: uncovered.map(({ host }) => host.name),
  })
}

function evidenceOf(host: MxHost, { base, rdata }: DaneRecords) {
  return { host: host.name, owner: `_25._tcp.${base}`, records: rdata }
}

function placeOf({ snapshot }: Facts, host: MxHost, at: number) {
  return { domain: snapshot.domain, subject: host.name, at }
}

/** The certificate that the first address shows that shows one; null: none does. */
function leafOf({ sessions }: MxHost): CertificateFacts | null {
  for (const { smtp, dane } of sessions) {
    for (const look of [dane, smtp]) {
      if (look.outcome !== 'seen' || look.value.startTls.outcome !== 'established') continue
      const [leaf] = look.value.startTls.tls.chain
      if (leaf !== undefined) return leaf
    }
  }
  return null
}
