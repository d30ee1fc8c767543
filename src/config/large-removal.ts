import type { DomainName } from '../protocol/domain-name.ts'

const LARGE_SHARE = 0.2
/** So few are taken out by hand, also of a short list. */
const FEW = 2

/**
 * Whether more than a fifth of the domains, and more than two, or all of them are gone. Then a reload is not believed at once: the file may have been cut
 * while it was written, and a domain that is dropped has its incidents closed (S50).
 */
export function isLargeRemoval(
  before: readonly { readonly name: DomainName }[],
  after: readonly { readonly name: DomainName }[],
): boolean {
  const kept = new Set(after.map(({ name }) => name))
  const removed = before.filter(({ name }) => !kept.has(name)).length
  return (removed > FEW && removed > before.length * LARGE_SHARE) || (removed > 0 && kept.size === 0)
}
