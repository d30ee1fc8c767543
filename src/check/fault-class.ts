import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Fault, FaultKind } from '../model/fault.ts'
import type { Observation } from '../model/observation.ts'
import type { Sight } from '../model/vantage.ts'
import { moot } from './verdict.ts'

/**
 * What a fault proves. dns: nothing was answered. path: the far side is to blame only when we are proven to see.
 * remote: the far side spoke, and wrongly. target: it points where nobody may go. local: it says nothing about it.
 */
export type FaultClass = 'dns' | 'path' | 'remote' | 'target' | 'local'

const CLASSES: Readonly<Record<FaultKind, FaultClass>> = {
  'dns-timeout': 'dns',
  'dns-servfail': 'dns',
  'dns-refused': 'dns',
  'dns-malformed': 'dns',
  'dns-unreachable': 'dns',
  'dns-split': 'dns',
  'dns-bogus': 'dns',
  'dns-loop': 'dns',
  'dns-unvalidated': 'local',
  'connect-refused': 'path',
  'connect-timeout': 'path',
  'connect-reset': 'path',
  'no-route': 'local',
  'address-denied': 'target',
  'greeting-timeout': 'path',
  'greeting-4xx': 'remote',
  'greeting-5xx': 'remote',
  'greeting-malformed': 'remote',
  'ehlo-failed': 'remote',
  'smtp-timeout': 'path',
  'smtp-closed': 'path',
  'smtp-malformed': 'remote',
  'tls-alert': 'remote',
  'tls-timeout': 'path',
  'tls-closed': 'path',
  'tls-malformed': 'remote',
  'client-limit': 'local',
  'http-timeout': 'path',
  'http-closed': 'path',
  'http-malformed': 'remote',
  'http-too-large': 'remote',
  'http-content-encoding': 'remote',
  deadline: 'local',
  internal: 'local',
  moot: 'local',
}

export function faultClass(fault: Fault): FaultClass {
  return fault.blame === 'local' ? 'local' : CLASSES[fault.kind]
}

/** May this fault be held against the far side, given what this machine is proven to see (reliability R29)? */
export function isDecisive(fault: Fault, sight: Sight): boolean {
  const kind = faultClass(fault)
  return kind === 'remote' || kind === 'target' || (kind === 'path' && sight === 'sees')
}

/** An address that has not answered for this long holds no earlier finding open any more. */
const FORGOTTEN_MS = DAY_MS

/**
 * Was this address out of reach for so long, by its newest answer, that what it once showed says nothing now? One that
 * was never asked before is not.
 */
export function isForgotten(newest: Observation<unknown> | undefined, now: UnixMs): boolean {
  if (newest === undefined) return false
  return newest.outcome !== 'seen' || now - newest.at >= FORGOTTEN_MS
}

/** Why an observation is no answer; null when it is one (seen or absent). */
export function faultOf(observation: Observation<unknown>): Fault | null {
  switch (observation.outcome) {
    case 'seen':
    case 'absent':
      return null
    case 'failed':
      return observation.fault
    case 'skipped':
      return moot(observation.because)
  }
}
