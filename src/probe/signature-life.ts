import type { SignatureLife } from '../model/dns.ts'
import type { DnsRecord, DnsSignature } from './dns-message.ts'

/**
 * The life of the signatures over these records: of each set the signature that ends last counts, since one that is valid
 * is enough (RFC 4035 §5.3.3), and of all sets the one that ends first. Null when no signature was shown.
 */
export function lifeOf(
  records: readonly DnsRecord[],
  signatures: readonly DnsSignature[],
): SignatureLife | null {
  const sets = new Map<string, SignatureLife>()
  for (const { owner, covers, life } of signatures) {
    if (!records.some((record) => record.owner === owner && record.type === covers)) continue
    const set = `${owner} ${covers}`
    sets.set(set, later(sets.get(set) ?? life, life))
  }
  return [...sets.values()].reduce<SignatureLife | null>(earlier, null)
}

/** Of two lives the one that ends first; null stands for none. */
export function earlier(one: SignatureLife | null, other: SignatureLife | null): SignatureLife | null {
  if (one === null || other === null) return one ?? other
  return other.endAt < one.endAt ? other : one
}

/** What several resolvers show of the same records: the newest was signed last, older ones wait in caches. */
export function newestOf(lives: readonly (SignatureLife | null)[]): SignatureLife | null {
  return lives.reduce(
    (one, other) => (one === null || other === null ? (one ?? other) : later(one, other)),
    null,
  )
}

function later(one: SignatureLife, other: SignatureLife): SignatureLife {
  return other.endAt > one.endAt ? other : one
}
