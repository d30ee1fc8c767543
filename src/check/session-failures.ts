import type { SessionFailure } from '../model/probe-session.ts'
import type { MxHost } from '../model/snapshot.ts'
import { isPublicAddress } from '../protocol/public-address.ts'
import type { KnownResultType } from '../protocol/tlsrpt/result-type.ts'
import type { Reached, StartTlsTrouble } from './mx-session.ts'

/** Failures of a session that every policy has in common. */

const RESULT_OF: Readonly<Record<StartTlsTrouble, KnownResultType>> = {
  missing: 'starttls-not-supported',
  refused: 'starttls-not-supported',
  injection: 'validation-failure',
  failed: 'validation-failure',
}

export function startTlsFailures(host: MxHost, reached: Reached): readonly SessionFailure[] {
  const { step } = reached
  if (step.at !== 'starttls') return []
  const resultType = RESULT_OF[step.trouble]
  const reasonCode = step.trouble === 'missing' ? null : step.detail
  return [{ ...placeOf(host, reached), resultType, reasonCode }]
}

/** A private address of ours is nobody's business, and of no use behind NAT. */
export function placeOf(host: MxHost, { address, ownAddress }: Reached) {
  const sendingMtaIp = ownAddress !== null && isPublicAddress(ownAddress) ? ownAddress : null
  return { sendingMtaIp, receivingMxHostname: host.name, receivingIp: address }
}
