/** Programs whose reading of MTA-STS is known. */

export type ReaderId =
  | 'mox'
  | 'chasquid'
  | 'go-mtasts'
  | 'tlspol'
  | 'postfix-mta-sts-resolver'
  | 'checkdmarc'
  | 'mailauth'
  | 'stalwart'
  | 'kumomta'

export interface Reader {
  readonly id: ReaderId
  /** As its users know it. */
  readonly name: string
  /** False: a checking tool; no mail depends on it. */
  readonly sends: boolean
}

/** In the order in which they are told. */
export const READERS: readonly Reader[] = [
  { id: 'postfix-mta-sts-resolver', name: 'Postfix with postfix-mta-sts-resolver', sends: true },
  { id: 'tlspol', name: 'Postfix with postfix-tlspol', sends: true },
  { id: 'mox', name: 'mox', sends: true },
  { id: 'stalwart', name: 'Stalwart', sends: true },
  { id: 'go-mtasts', name: 'maddy (go-mtasts)', sends: true },
  { id: 'chasquid', name: 'chasquid', sends: true },
  { id: 'kumomta', name: 'KumoMTA', sends: true },
  { id: 'mailauth', name: 'mailauth (ZoneMTA, WildDuck)', sends: true },
  { id: 'checkdmarc', name: 'checkdmarc', sends: false },
]

/** Where a rule comes from. cases: the reader's own parser was run on inputs of ours (test/vectors). */
export type RuleSource = 'cases' | 'source code read' | 'cases and source code'

/** What the readers do with one peculiarity of a text. */
export interface ReaderRule {
  /** They take the text for none at all. */
  readonly refuse: readonly ReaderId[]
  /** They read it, but not as the RFC does: in a few words. */
  readonly otherwise: Readonly<Partial<Record<ReaderId, string>>>
  readonly source: RuleSource
}

/** A rule found by running the readers: these refuse, the others read on. */
export function refusedBy(...refuse: readonly ReaderId[]): ReaderRule {
  return { refuse, otherwise: {}, source: 'cases' }
}

/** The same, told by those that do not. */
export function refusedByAllBut(...readers: readonly ReaderId[]): ReaderRule {
  return refusedBy(...READERS.map(({ id }) => id).filter((id) => !readers.includes(id)))
}
