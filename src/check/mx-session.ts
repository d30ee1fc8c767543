import type { AddressEvidence } from '../model/evidence/evidence-parts.ts'
import type { Fault } from '../model/fault.ts'
import type { MxHost, MxSession } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import type { Sight } from '../model/vantage.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { faultClass, isDecisive } from './fault-class.ts'
import { moot } from './verdict.ts'

/** How far one address of an MX host let us come, and what stopped us there. */
export type Step =
  /** Not to be told this time. */
  | { readonly at: 'unknown'; readonly fault: Fault }
  /** Never looked at from here: no route for its address family, or one address too many. */
  | { readonly at: 'unrouted'; readonly fault: Fault }
  | { readonly at: 'private' }
  /** TCP failed. */
  | { readonly at: 'unreachable'; readonly detail: string }
  /** It answers, but not to us: mostly about this monitor, never about TLS (reliability R31). */
  | { readonly at: 'refuses-monitor'; readonly fault: Fault }
  | { readonly at: 'starttls'; readonly trouble: StartTlsTrouble; readonly detail: string }
  /** EHLO was answered, the handshake cannot be told. */
  | { readonly at: 'handshake-unknown'; readonly fault: Fault }
  | { readonly at: 'established'; readonly tls: TlsFacts }

export type StartTlsTrouble = 'missing' | 'refused' | 'injection' | 'failed'

export interface Reached {
  readonly address: IpAddress
  readonly observedAt: number
  /** Our own address in the session; null: not known, or there was none. */
  readonly ownAddress: IpAddress | null
  readonly step: Step
}

export function reachedOf(host: MxHost, sight: Sight): readonly Reached[] {
  return host.sessions.map((session) => ({
    address: session.address,
    observedAt: session.smtp.outcome === 'skipped' ? 0 : session.smtp.at,
    // Stored looks of an older version have none.
    ownAddress: (session.smtp.outcome === 'seen' ? session.smtp.value.ownAddress : null) ?? null,
    step: stepOf(session, sight),
  }))
}

function stepOf({ smtp }: MxSession, sight: Sight): Step {
  if (smtp.outcome === 'failed') return failedStep(smtp.fault, sight)
  if (smtp.outcome === 'skipped') return { at: 'unrouted', fault: moot(smtp.because) }
  if (smtp.outcome === 'absent') return { at: 'unrouted', fault: moot('a session cannot be absent') }
  const { startTls } = smtp.value
  switch (startTls.outcome) {
    case 'established':
      return { at: 'established', tls: startTls.tls }
    case 'not-offered':
      return {
        at: 'starttls',
        trouble: 'missing',
        detail: `EHLO listed: ${smtp.value.capabilities.join(', ') || 'nothing'}`,
      }
    case 'refused':
      return { at: 'starttls', trouble: 'refused', detail: `answered ${startTls.reply}` }
    case 'injected':
      return {
        at: 'starttls',
        trouble: 'injection',
        detail: `${startTls.bytes} bytes of plain text after the 220`,
      }
    case 'handshake-failed':
      return isDecisive(startTls.fault, sight)
        ? { at: 'starttls', trouble: 'failed', detail: startTls.fault.detail }
        : { at: 'handshake-unknown', fault: startTls.fault }
  }
}

function failedStep(fault: Fault, sight: Sight): Step {
  if (fault.kind === 'no-route') return { at: 'unrouted', fault }
  if (faultClass(fault) === 'target') return { at: 'private' }
  if (!isDecisive(fault, sight)) return { at: 'unknown', fault }
  return fault.kind.startsWith('connect-')
    ? { at: 'unreachable', detail: fault.detail }
    : { at: 'refuses-monitor', fault }
}

/** Why the step after reaching the host is not known; null when it is. */
export function hiddenBehind(step: Step): Fault | null {
  switch (step.at) {
    case 'unknown':
    case 'refuses-monitor':
      return step.fault
    case 'unreachable':
      return { kind: 'moot', blame: 'remote', detail: step.detail }
    case 'private':
      return { kind: 'moot', blame: 'remote', detail: 'a private address is never asked' }
    default:
      return null
  }
}

export function evidenceOf(
  reached: readonly Reached[],
  detail: (step: Step) => string,
): readonly AddressEvidence[] {
  return reached.map(({ address, step }) => ({ address, detail: detail(step) }))
}
