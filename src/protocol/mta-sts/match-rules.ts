import { parseIpAddress } from '../ip-address.ts'
import type { ReaderId } from './readers.ts'

/** A pair of pattern and host that readers treat differently. */
export type MatchQuirk =
  | 'pattern-root-dot'
  | 'host-root-dot'
  | 'several-labels'
  | 'wildcard-case'
  | 'wildcard-a-label'
  | 'address'
  | 'underscore'

export interface MatchRule {
  /** What it is about, in words. */
  readonly what: string
  /** They say that the pattern covers the host. */
  readonly yes: readonly ReaderId[]
  /** They say that it does not. */
  readonly no: readonly ReaderId[]
}

/** Readers whose matching was run on cases. Postfix matches by itself what the two programs beside it hand on. */
export const MATCHING_READERS: readonly ReaderId[] = [
  'mox',
  'stalwart',
  'go-mtasts',
  'chasquid',
  'kumomta',
  'mailauth',
]

function saidYesBy(what: string, ...yes: readonly ReaderId[]): MatchRule {
  return { what, yes, no: MATCHING_READERS.filter((id) => !yes.includes(id)) }
}

/** What each of them did (test/vectors/mx-match-cases.yaml); in all other pairs they follow RFC 8461 §4.1. */
export const MATCH_RULES: Readonly<Record<MatchQuirk, MatchRule>> = {
  'pattern-root-dot': saidYesBy('a pattern that ends with a dot', 'chasquid', 'go-mtasts'),
  'host-root-dot': saidYesBy(
    'a wildcard, and a host name with its root dot',
    'go-mtasts',
    'chasquid',
    'kumomta',
  ),
  'several-labels': saidYesBy('a wildcard, and a host several labels below it', 'mailauth'),
  'wildcard-case': saidYesBy(
    'a wildcard with capital letters',
    ...MATCHING_READERS.filter((id) => id !== 'stalwart'),
  ),
  'wildcard-a-label': saidYesBy(
    'a wildcard, and a host whose first label is an A-label (xn--)',
    ...MATCHING_READERS.filter((id) => id !== 'go-mtasts'),
  ),
  address: saidYesBy(
    'an address instead of a name, on both sides',
    ...MATCHING_READERS.filter((id) => id !== 'mox'),
  ),
  underscore: saidYesBy('an underscore, on both sides', ...MATCHING_READERS.filter((id) => id !== 'mox')),
}

/** What is peculiar about a pair; null: all readers say what RFC 8461 §4.1 says. */
export function matchQuirk(pattern: string, host: string): MatchQuirk | null {
  const [given, wanted] = [host.toLowerCase(), pattern.toLowerCase()]
  if (wanted.endsWith('.') && wanted.slice(0, -1) === given) return 'pattern-root-dot'
  if (wanted === given && parseIpAddress(given) !== null) return 'address'
  if (wanted === given && given.includes('_')) return 'underscore'
  if (!wanted.startsWith('*.') || !given.replace(/\.$/, '').endsWith(wanted.slice(1))) return null
  const first = given.replace(/\.$/, '').slice(0, -wanted.slice(1).length)
  if (first.includes('.')) return 'several-labels'
  if (given.endsWith('.')) return 'host-root-dot'
  if (wanted !== pattern) return 'wildcard-case'
  return first.startsWith('xn--') ? 'wildcard-a-label' : null
}
