/** What a connection to a machine of a story shows: its modes as the probe would tell them. */

import type { Machine } from '../../src/lab/machines.ts'
import type { HttpsMode, SmtpMode } from '../../src/lab/world.ts'
import type { Fault, FaultKind } from '../../src/model/fault.ts'
import type { HttpResponse, SmtpSession, StartTls } from '../../src/model/snapshot.ts'
import type { TlsFacts } from '../../src/model/tls.ts'
import { matchesDnsId } from '../../src/protocol/x509/identity.ts'

/** A step that worked, the fault it met, or why it was not taken. */
export type Outcome<T> = { readonly value: T } | { readonly fault: Fault } | { readonly skipped: string }

const BLAMES: { readonly [K in FaultKind]?: Fault['blame'] } = {
  'connect-timeout': 'path',
  'connect-reset': 'path',
  'smtp-closed': 'path',
  'tls-timeout': 'path',
  'tls-closed': 'path',
  'http-timeout': 'path',
}

export function fault(kind: FaultKind): Fault {
  return { kind, blame: BLAMES[kind] ?? 'remote', detail: `${kind} in the simulation` }
}

const BEFORE_EHLO: { readonly [M in SmtpMode]?: FaultKind } = {
  'reset-at-connect': 'connect-reset',
  'close-at-connect': 'smtp-closed',
  silent: 'greeting-timeout',
  'greeting-4xx': 'greeting-4xx',
  'greeting-5xx': 'greeting-5xx',
  'greeting-garbage': 'greeting-malformed',
  'ehlo-fails': 'ehlo-failed',
}

const HANDSHAKES: { readonly [M in SmtpMode]?: FaultKind } = {
  'tls-alert': 'tls-alert',
  'tls-garbage': 'tls-malformed',
  'tls-close': 'tls-closed',
  'tls-hang': 'tls-timeout',
}

/** One session on port 25. */
export function sessionWith({ host, behaviour }: Machine, tls: () => TlsFacts): Outcome<SmtpSession> {
  const { smtp } = behaviour
  if (smtp === null) return { fault: fault('connect-refused') }
  const early = BEFORE_EHLO[smtp]
  if (early !== undefined) return { fault: fault(early) }
  const capabilities = smtp === 'no-starttls' ? ['PIPELINING'] : ['PIPELINING', 'STARTTLS']
  return {
    value: {
      greeting: `220 ${host.name} ESMTP`,
      capabilities,
      startTls: startTls(smtp, tls),
      ownAddress: null,
    },
  }
}

function startTls(mode: SmtpMode, tls: () => TlsFacts): StartTls {
  const broken = HANDSHAKES[mode]
  if (broken !== undefined) return { outcome: 'handshake-failed', fault: fault(broken) }
  switch (mode) {
    case 'ok':
      return { outcome: 'established', tls: tls() }
    case 'no-starttls':
      return { outcome: 'not-offered' }
    case 'starttls-refused':
      return { outcome: 'refused', reply: '454 4.7.0 TLS not available due to temporary reason' }
    case 'injection':
      return { outcome: 'injected', bytes: 17 }
    default:
      throw new Error(`the simulation has no SMTP mode ${mode}`)
  }
}

const BEFORE_TLS: Readonly<Record<string, FaultKind>> = {
  'reset-at-connect': 'connect-reset',
  'hang-after-connect': 'tls-timeout',
  'tls-alert': 'tls-alert',
  'tls-garbage': 'tls-malformed',
}

const INSTEAD_OF_ANSWER: Readonly<Record<string, FaultKind>> = {
  'hang-after-handshake': 'http-timeout',
  'endless-body': 'http-too-large',
  gzip: 'http-content-encoding',
  garbage: 'http-malformed',
}

export interface Fetched {
  readonly tls: Outcome<TlsFacts>
  readonly response: Outcome<HttpResponse>
}

/** One fetch of the policy on port 443. */
export function fetchFrom(machine: Machine, tls: () => TlsFacts): Fetched {
  const { https } = machine.behaviour
  const early = https === null ? 'connect-refused' : modeFault(https, BEFORE_TLS)
  if (https === null || early !== null) {
    const why = fault(early ?? 'connect-refused')
    return { tls: { fault: why }, response: { skipped: 'there was no TLS connection to ask over' } }
  }
  const facts = tls()
  const isValid =
    facts.webPkiError === null && matchesDnsId(facts.chain[0]?.dnsNames ?? [], machine.host.name)
  if (!isValid) return { tls: { value: facts }, response: { skipped: 'the certificate does not validate' } }
  const late = modeFault(https, INSTEAD_OF_ANSWER)
  return { tls: { value: facts }, response: late === null ? answer(machine, https) : { fault: fault(late) } }
}

function modeFault(mode: HttpsMode, faults: Readonly<Record<string, FaultKind>>): FaultKind | null {
  return typeof mode === 'string' ? (faults[mode] ?? null) : null
}

function answer({ policyBody }: Machine, mode: HttpsMode): Outcome<HttpResponse> {
  if (typeof mode === 'string' && mode !== 'ok') throw new Error(`the simulation has no HTTPS mode ${mode}`)
  const given =
    typeof mode === 'object'
      ? mode
      : policyBody === null
        ? { status: 404, headers: {}, body: 'Not found' }
        : { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: policyBody }
  const headers: Readonly<Record<string, string>> = given.headers
  return {
    value: {
      status: given.status,
      location: headers.location ?? null,
      contentType: headers['content-type'] ?? null,
      body: given.body,
      validUtf8: true,
    },
  }
}
