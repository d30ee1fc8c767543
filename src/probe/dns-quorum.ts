import type { Fault } from '../model/fault.ts'
import { compareText } from './compare-text.ts'
import type { LookUp, LookUpAnswer } from './dns-lookup.ts'
import type { DnsRecord } from './dns-message.ts'
import { faultOf } from './fault-error.ts'
import { newestOf } from './signature-life.ts'

/** What one of several servers came to. */
type Vote =
  | { readonly kind: 'answer'; readonly key: string; readonly lookUp: LookUp }
  | { readonly kind: 'fault'; readonly fault: Fault }

export type Agreement =
  | { readonly agreed: true; readonly lookUp: LookUp }
  | { readonly agreed: false; readonly fault: Fault }

/** How many equal answers make one answer: both of two, else more than half (R26). */
export function quorumOf(servers: number): number {
  return servers <= 2 ? servers : Math.floor(servers / 2) + 1
}

/**
 * Asks all at once and settles as soon as a quorum gave the same answer, records taken as sets; `abandon` is then
 * called for the rest. Without a quorum it is a fault: `dns-split` when two answers differ, else what the servers met.
 */
export async function agree(
  asking: readonly Promise<LookUp>[],
  quorum: number,
  abandon: () => void,
): Promise<Agreement> {
  const votes: Vote[] = []
  const settled = await new Promise<LookUp | null>((resolve) => {
    const take = (vote: Vote) => {
      votes.push(vote)
      const winner = winnerOf(votes, quorum)
      if (winner !== null || votes.length === asking.length) resolve(winner)
    }
    for (const one of asking) {
      one.then(
        (lookUp) => take({ kind: 'answer', key: keyOf(lookUp), lookUp }),
        (error: unknown) => take({ kind: 'fault', fault: faultOf(error) }),
      )
    }
  })
  if (votes.length < asking.length) abandon()
  return settled === null
    ? { agreed: false, fault: disagreement(votes, quorum) }
    : { agreed: true, lookUp: settled }
}

function winnerOf(votes: readonly Vote[], quorum: number): LookUp | null {
  for (const same of groups(votes).values()) {
    if (same.length >= quorum) return merged(same)
  }
  return null
}

function groups(votes: readonly Vote[]): Map<string, LookUp[]> {
  const byKey = new Map<string, LookUp[]>()
  for (const vote of votes) {
    if (vote.kind === 'answer') byKey.set(vote.key, [...(byKey.get(vote.key) ?? []), vote.lookUp])
  }
  return byKey
}

/** Equal answers as one: the smallest TTL, the newest signatures, and secure when a trusted server of the quorum validated it. */
function merged(same: readonly LookUp[]): LookUp | null {
  const [first] = same
  if (first === undefined) return null
  const secure = same.some((lookUp) => lookUp.secure)
  if (first.outcome === 'denial') return { ...first, secure }
  const ttls = same.map((lookUp) => (lookUp.outcome === 'answer' ? lookUp.ttlSeconds : first.ttlSeconds))
  const signatures = newestOf(same.map((lookUp) => (lookUp.outcome === 'answer' ? lookUp.signatures : null)))
  return { ...first, secure, ttlSeconds: Math.min(...ttls), signatures }
}

function disagreement(votes: readonly Vote[], quorum: number): Fault {
  const answers = groups(votes)
  if (answers.size > 1) {
    const told = [...answers.values()].map((same) => `${same.length}× ${describe(same[0])}`)
    return {
      kind: 'dns-split',
      blame: 'path',
      detail: `the resolvers disagree: ${told.join(' | ')}`.slice(0, 512),
    }
  }
  const faults = votes.flatMap((vote) => (vote.kind === 'fault' ? [vote.fault] : []))
  const count = (kind: string) => faults.filter((fault) => fault.kind === kind).length
  // R28: one resolver alone does not convict a zone of bad signatures.
  const believable = faults.filter((fault) => fault.kind !== 'dns-bogus' || count('dns-bogus') >= quorum)
  const [chief] = [...believable].sort((a, b) => count(b.kind) - count(a.kind))
  if (chief === undefined) {
    const details = faults.map((fault) => fault.detail).join(' | ')
    return { kind: 'dns-split', blame: 'path', detail: `only a part says bogus: ${details}`.slice(0, 512) }
  }
  if (votes.length === 1) return chief
  const also = `${votes.length - faults.length} of ${votes.length} resolvers answered, ${quorum} needed`
  return { ...chief, detail: `${chief.detail} (${also})` }
}

function keyOf(lookUp: LookUp): string {
  if (lookUp.outcome === 'denial') return 'denial'
  return JSON.stringify([...new Set(sortedTexts(lookUp))])
}

function describe(lookUp: LookUp | undefined): string {
  if (lookUp === undefined) return ''
  return lookUp.outcome === 'denial' ? lookUp.denial : sortedTexts(lookUp).join(', ')
}

function sortedTexts({ records }: LookUpAnswer): readonly string[] {
  return records.map(textOf).sort(compareText)
}

function textOf(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
      return record.target
    case 'MX':
      return `${record.preference} ${record.exchange}`
    case 'TXT':
      return record.text
    case 'TLSA':
      return record.rdata
    case 'NS':
      return record.target
    case 'SOA':
      // The serial differs while a change spreads; the zone is what is asked for.
      return record.owner
  }
}
