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
    if (uri.scheme === 'unsupported' || chosen.has(uri.raw) || left[uri.scheme] === 0) continue
    left[uri.scheme] -= 1
    chosen.set(uri.raw, uri)
  }
  return [...chosen.values()]
}
