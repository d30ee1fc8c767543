/** A policy file for a set of mail hosts, and the id that belongs to it (RFC 8461 §3). */
import { display } from '../../lib/display.ts'
import { sha256 } from '../../lib/sha256.ts'
import { parseDomainName } from '../domain-name.ts'
import { formatStsPolicy } from './policy.ts'
import type { StsMode } from './policy-values.ts'

/** What a policy is made of. */
export interface PolicyPlan {
  readonly mode: StsMode
  /** 0 to 31557600. */
  readonly maxAgeSeconds: number
  /** Host names, or patterns `*.<domain>`, as people write them; empty only in mode none. */
  readonly mx: readonly string[]
}

const WILDCARD = '*.'
/** 80 bits: no two texts of one domain ever share them, and the record stays short. */
const ID_LENGTH = 20

/**
 * The text to serve, every pattern once, as A-labels and sorted: the same set of hosts gives the same text, whatever their
 * preferences. Throws RangeError when it would be no legal policy.
 */
export function generatePolicy({ mode, maxAgeSeconds, mx }: PolicyPlan): string {
  const mxPatterns = [...new Set(mx.map(toPattern))].toSorted((one, other) => (one < other ? -1 : 1))
  return formatStsPolicy({ version: 'STSv1', mode, maxAgeSeconds, mxPatterns })
}

/**
 * The id for a text, 20 letters and digits (RFC 8461 §3.1): the same text has the same id, and any change of the text,
 * line ends included, gives another one.
 */
export function policyIdOf(body: string): string {
  return sha256(body).slice(0, ID_LENGTH)
}

function toPattern(written: string): string {
  const isWildcard = written.startsWith(WILDCARD)
  const name = parseDomainName(isWildcard ? written.slice(WILDCARD.length) : written)
  if (name === null) throw new RangeError(`"${display(written, 80)}" is no host name for an mx line`)
  return isWildcard ? `${WILDCARD}${name}` : name
}
