import type { ReportUri } from '../protocol/tlsrpt/report-uri.ts'

/** A URI that a report can be sent to. */
export type UsableUri = Extract<ReportUri, { readonly scheme: 'mailto' | 'https' }>

/** R77: a long list is nobody's wish, and could be somebody's weapon. */
const MOST = { mailto: 2, https: 1 } as const

/** The URIs of a record that a report goes to: the first two addresses and the first https endpoint, each once. */
export function chooseUris(rua: readonly ReportUri[]): readonly UsableUri[] {
  const left: Record<UsableUri['scheme'], number> = { ...MOST }
  const chosen = new Map<string, UsableUri>()
  for (const uri of rua) {
    const plain = uri.scheme === 'unsupported' ? null : plainly(uri)
    if (plain === null || chosen.has(plain.raw) || left[plain.scheme] === 0) continue
    left[plain.scheme] -= 1
    chosen.set(plain.raw, plain)
  }
  return [...chosen.values()]
}

/** Written as it is counted: who writes one address in a hundred ways does not get a hundred times as much (R77). */
function plainly(uri: UsableUri): UsableUri {
  if (uri.scheme === 'mailto') {
    const path = encodeURIComponent(uri.address).replace(/%(?:24|26|2B|3D|40)/g, decodeURIComponent)
    // RFC 8460 §3 wants this one encoded as well.
    return { ...uri, raw: `mailto:${path.replaceAll('!', '%21')}` }
  }
  const url = new URL(uri.url)
  url.hash = ''
  return { ...uri, raw: url.href, url: url.href }
}
