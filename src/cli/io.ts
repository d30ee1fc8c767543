/** What a command may touch of the process. Tests pass their own. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array | string>
  out(text: string): void
  /** Resolves when the reader has taken most of what `out` gave it: what output without end waits for. */
  drained(): Promise<void>
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether `out` is a terminal: colours and progress. */
  readonly terminal: boolean
  readonly columns: number
}

/** Exit statuses, as sysexits(3) has them where it has one. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  undecided: 3,
  badData: 65,
  internal: 70,
  damaged: 74,
  newerSchema: 76,
  noInput: 66,
  secondInstance: 75,
  config: 78,
} as const
