import type { UnixMs } from '../lib/time.ts'
import type { AddressEvidence } from '../model/evidence/evidence-parts.ts'
import type { FetchFailureCause } from '../model/evidence/sts-evidence.ts'
import type { Fault } from '../model/fault.ts'
import type { HttpResponse, PolicyFetch, PolicyHostLook } from '../model/snapshot.ts'
import type { Sight } from '../model/vantage.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { parseStsPolicy, type StsPolicy } from '../protocol/mta-sts/policy.ts'
import type { Problem } from '../protocol/problem.ts'
import { faultClass, faultOf, isDecisive } from './fault-class.ts'
import { GREATEST_MAX_AGE_SECONDS, patternSet } from './ledger.ts'
import { moot } from './verdict.ts'

/** What the addresses of the policy host answered, sorted: texts, failures, and what could not be told. */
export interface ServedPolicy {
  /** One entry per distinct policy; the usual number is one. */
  readonly texts: readonly PolicyText[]
  readonly failures: readonly FetchFailure[]
  /** Addresses whose certificate a sender would refuse: told by the certificate findings. */
  readonly refusedCertificates: readonly IpAddress[]
  readonly privateAddresses: readonly IpAddress[]
  /** The first fault that leaves an address undecided. */
  readonly unknown: Fault | null
  /** When the newest of these observations was made. */
  readonly at: UnixMs
  /** The policy, when every address that answered serves the same valid one. */
  readonly policy: StsPolicy | null
}

export interface PolicyText {
  readonly body: string
  readonly addresses: readonly IpAddress[]
  readonly value: StsPolicy | null
  readonly problems: readonly Problem[]
  /** The max_age as published, when it is above the maximum and nothing else is wrong. */
  readonly overlongSeconds: number | null
}

export interface FetchFailure extends AddressEvidence {
  readonly cause: FetchFailureCause
}

type Outcome =
  | {
      readonly kind: 'text'
      readonly address: IpAddress
      readonly response: HttpResponse
      readonly isPlain: boolean
    }
  | { readonly kind: 'failure'; readonly failure: FetchFailure }
  | { readonly kind: 'certificate'; readonly address: IpAddress }
  | { readonly kind: 'private'; readonly address: IpAddress }
  | { readonly kind: 'unknown'; readonly fault: Fault }
  | { readonly kind: 'unrouted'; readonly fault: Fault }

/** Null when no address was asked. */
export function servedPolicy(host: PolicyHostLook, sight: Sight): ServedPolicy | null {
  if (host.fetches.length === 0) return null
  const outcomes = host.fetches.map((fetch) => outcomeOf(fetch, sight))
  const texts = distinctTexts(outcomes)
  const [unknown] = outcomes.flatMap((outcome) => (outcome.kind === 'unknown' ? [outcome.fault] : []))
  const unrouted = outcomes.flatMap((outcome) => (outcome.kind === 'unrouted' ? [outcome.fault] : []))
  // An address family that this machine does not have says nothing, unless there is no other.
  const onlyUnrouted = unrouted.length === outcomes.length ? unrouted[0] : undefined
  return {
    texts,
    failures: outcomes.flatMap((outcome) => {
      if (outcome.kind === 'failure') return [outcome.failure]
      return outcome.kind === 'text' && !outcome.isPlain ? [mediaTypeFailure(outcome)] : []
    }),
    refusedCertificates: outcomes.flatMap((o) => (o.kind === 'certificate' ? [o.address] : [])),
    privateAddresses: outcomes.flatMap((o) => (o.kind === 'private' ? [o.address] : [])),
    unknown: unknown ?? onlyUnrouted ?? null,
    at: Math.max(...host.fetches.flatMap(instants)),
    policy: texts.length === 1 ? (texts[0]?.value ?? null) : null,
  }
}

function instants(fetch: PolicyFetch): readonly UnixMs[] {
  return [fetch.tls, fetch.response].map((look) => (look.outcome === 'skipped' ? 0 : look.at))
}

function outcomeOf(fetch: PolicyFetch, sight: Sight): Outcome {
  const { address, tls, response } = fetch
  if (tls.outcome === 'failed') return faultOutcome(address, tls.fault, sight)
  if (tls.outcome !== 'seen')
    return { kind: 'unrouted', fault: faultOf(tls) ?? moot('there was no handshake') }
  if (response.outcome === 'failed') return faultOutcome(address, response.fault, sight)
  if (response.outcome === 'skipped') return { kind: 'certificate', address }
  if (response.outcome === 'absent') {
    return { kind: 'failure', failure: { address, cause: 'malformed', detail: 'no answer' } }
  }
  const { status, location, contentType } = response.value
  if (status === 200) {
    return { kind: 'text', address, response: response.value, isPlain: isPlainText(contentType) }
  }
  // RFC 8461 §3.3: any other status than 200 is a failure, and redirects are never followed.
  const redirects = status >= 300 && status < 400
  const detail = redirects ? `answered ${status} to ${location ?? 'nowhere'}` : `answered status ${status}`
  return { kind: 'failure', failure: { address, cause: redirects ? 'redirect' : 'status', detail } }
}

function faultOutcome(address: IpAddress, fault: Fault, sight: Sight): Outcome {
  if (fault.kind === 'no-route') return { kind: 'unrouted', fault }
  if (!isDecisive(fault, sight)) return { kind: 'unknown', fault }
  if (faultClass(fault) === 'target') return { kind: 'private', address }
  return { kind: 'failure', failure: { address, cause: causeOf(fault), detail: fault.detail } }
}

function causeOf(fault: Fault): FetchFailureCause {
  switch (fault.kind) {
    case 'connect-refused':
    case 'connect-reset':
      return 'connect'
    case 'connect-timeout':
    case 'tls-timeout':
    case 'http-timeout':
      return 'timeout'
    case 'tls-alert':
    case 'tls-closed':
    case 'tls-malformed':
      return 'tls'
    case 'http-too-large':
      return 'too-large'
    case 'http-content-encoding':
      return 'content-encoding'
    default:
      return 'malformed'
  }
}

/** RFC 8461 §3.2: text/plain, whatever its parameters. */
function isPlainText(contentType: string | null): boolean {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() === 'text/plain'
}

function mediaTypeFailure(outcome: Outcome & { readonly kind: 'text' }): FetchFailure {
  const { contentType, body } = outcome.response
  const detail =
    contentType === null
      ? 'answered without Content-Type'
      : `answered Content-Type ${contentType}, first characters: ${body.slice(0, 40)}`
  return { address: outcome.address, cause: 'media-type', detail }
}

function distinctTexts(outcomes: readonly Outcome[]): readonly PolicyText[] {
  const texts = new Map<string, PolicyText>()
  for (const outcome of outcomes) {
    if (outcome.kind !== 'text') continue
    const text = readText(outcome)
    // A page of another media type that is no policy either is one cause, not two.
    if (!outcome.isPlain && text.value === null) continue
    const key = text.value === null ? outcome.response.body : meaning(text.value)
    const known = texts.get(key)
    texts.set(key, known ? { ...known, addresses: [...known.addresses, outcome.address] } : text)
  }
  return [...texts.values()]
}

function readText(outcome: Outcome & { readonly kind: 'text' }): PolicyText {
  const { body, validUtf8 } = outcome.response
  const { value, problems } = parseStsPolicy(body)
  const text = { body, addresses: [outcome.address] }
  if (!validUtf8) return { ...text, value: null, problems: [...problems, NOT_UTF8], overlongSeconds: null }
  const errors = problems.filter((problem) => problem.severity === 'error')
  const isOverlong = errors.length > 0 && errors.every((problem) => problem.code === 'max-age-over')
  const [, published] = (isOverlong ? MAX_AGE.exec(body) : null) ?? []
  if (published === undefined) return { ...text, value, problems, overlongSeconds: null }
  // spec: RFC 8461 §3.2 does not say what becomes of a larger max_age (erratum 7282); we read on as if it were the
  // greatest one, like the senders that do not refuse it.
  const clamped = parseStsPolicy(body.replace(MAX_AGE, `max_age: ${GREATEST_MAX_AGE_SECONDS}`))
  return { ...text, value: clamped.value, problems, overlongSeconds: Number(published) }
}

const MAX_AGE = /^max_age:[ \t]*([0-9]+)/m

const NOT_UTF8: Problem = {
  code: 'not-utf8',
  severity: 'error',
  line: null,
  message: 'The text holds bytes that are no UTF-8',
  rfc: 'RFC 8461 §3.2',
}

function meaning(policy: StsPolicy): string {
  return JSON.stringify([policy.mode, policy.maxAgeSeconds, patternSet(policy.mxPatterns)])
}
