/**
 * What we use of imapflow. Its results say in three ways that something failed: by rejecting, by `false` and by
 * `undefined`; so none of them is believed before `usable` has been looked at.
 */
export interface ImapClient {
  /** False before the login, and again from the moment that the connection is lost. */
  readonly usable: boolean
  /** Ways to log in, true for the one that was taken; none is when the server greeted with PREAUTH. */
  readonly authCapabilities: ReadonlyMap<string, boolean>
  readonly capabilities: ReadonlyMap<string, unknown>
  readonly mailbox: SelectedFolder | false
  /** What the server said when it ended the session. */
  readonly byeReason?: string | undefined
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  on(event: 'exists', listener: (change: { count: number; prevCount: number }) => void): unknown
  connect(): Promise<void>
  /** Selects; while the lock is held a quiet line is kept alive and not taken for a dead one. */
  getMailboxLock(path: string, options: { readOnly: boolean }): Promise<unknown>
  mailboxCreate(path: string): Promise<unknown>
  search(query: SearchQuery, options: ByUid): Promise<unknown>
  fetch(range: string, query: FetchQuery, options: ByUid): AsyncIterableIterator<FetchedRow>
  messageFlagsAdd(range: string, flags: string[], options: ByUid & { silent: boolean }): Promise<unknown>
  messageMove(range: string, folder: string, options: ByUid): Promise<unknown>
  messageCopy(range: string, folder: string, options: ByUid): Promise<unknown>
  messageDelete(range: string, options: ByUid): Promise<unknown>
  idle(): Promise<unknown>
  noop(): Promise<unknown>
  logout(): Promise<unknown>
  close(): void
}

export interface SelectedFolder {
  readonly uidValidity: bigint
  readonly exists: number
  readonly readOnly?: boolean | undefined
  readonly permanentFlags?: Set<string> | undefined
}

/** One answer to FETCH; it need not be one that was asked for. */
export interface FetchedRow {
  readonly uid: number
  readonly size?: number | undefined
  readonly internalDate?: Date | string | undefined
  readonly source?: Buffer | undefined
}

interface ByUid {
  uid: boolean
}

interface SearchQuery {
  readonly uid?: string
  all?: boolean
  deleted?: boolean
  since?: Date
  seq?: string
}

interface FetchQuery {
  uid: boolean
  size?: boolean
  internalDate?: boolean
  source?: { start: number; maxLength: number }
}
