import type { CanaryAddress } from '../model/canary.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { organisationalDomain } from '../protocol/organisational-domain.ts'
import type { UsableUri } from './choose-uris.ts'

/** By what a published URI is known as ours. */
export interface Ownership {
  /** As watch.yaml names them; null: it names none, and the domains decide. */
  readonly named: readonly string[] | null
  /** Those that are watched. */
  readonly watched: readonly DomainName[]
  /** The user of the mailbox, which may be an address; null: there is no mailbox. */
  readonly mailboxUser: string | null
}

/**
 * Of what the watched domains publish, the URIs that are ours, each once with the domains that publish it. What goes to a
 * service of somebody else never comes into our mailbox, and a canary to it would be missed for ever.
 */
export function ownAddresses(
  published: ReadonlyMap<DomainName, readonly UsableUri[]>,
  ownership: Ownership,
): readonly CanaryAddress[] {
  const isOwn = owner(ownership)
  // Where it is written in two ways, as two domains may do, it is one all the same.
  const found = new Map<string, { readonly rua: string; readonly domains: DomainName[] }>()
  for (const [domain, uris] of published) {
    for (const { raw: rua } of uris.filter(isOwn)) {
      const known = found.get(rua.toLowerCase())
      if (known === undefined) found.set(rua.toLowerCase(), { rua, domains: [domain] })
      else if (!known.domains.includes(domain)) known.domains.push(domain)
    }
  }
  return [...found.values()]
}

function owner({ named, watched, mailboxUser }: Ownership): (uri: UsableUri) => boolean {
  if (named !== null) {
    const texts = new Set(named.map((text) => text.toLowerCase()))
    return (uri) => texts.has(uri.raw.toLowerCase())
  }
  const mailboxDomain = parseDomainName(mailboxUser?.split('@').at(1) ?? '')
  const ours = new Set([...watched, ...(mailboxDomain === null ? [] : [mailboxDomain])].map(ownerOf))
  return (uri) => {
    const domain = uri.scheme === 'mailto' ? uri.mailDomain : parseDomainName(hostOf(uri.url))
    return domain !== null && ours.has(ownerOf(domain))
  }
}

/** A name right below a registry's stands for itself. */
function ownerOf(name: DomainName): DomainName {
  return organisationalDomain(name) ?? name
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? ''
}
