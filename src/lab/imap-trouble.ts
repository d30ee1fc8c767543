/** What the mailbox server of the lab does wrong, as data. */

export interface ImapTrouble {
  /** Null: nothing but what it lacks. */
  readonly mode: ImapMode | null
  /** What is neither offered nor done. */
  readonly lacks: readonly ImapExtension[]
  /** Connections met by it, then all is well again; null: until the world changes. */
  readonly connections: number | null
}

export type ImapExtension = 'STARTTLS' | 'IDLE' | 'MOVE' | 'UIDPLUS'

export type ImapMode =
  | ImapMishap
  /** FETCH announces a literal of 4 GiB and pours. */
  | 'giant-literal'
  /** FETCH announces 1,000 bytes and sends one every 100 ms. */
  | 'drip-literal'
  /** Greets as if the client had logged in already. */
  | 'preauth'
  /** A plaintext answer more in the packet that says OK to STARTTLS. */
  | 'injection'
  /** PERMANENTFLAGS without `\*`. */
  | 'no-keywords'
  /** Another UIDVALIDITY at every SELECT. */
  | 'uidvalidity-flips'
  /** RFC822.SIZE says 10, whatever the size. */
  | 'size-too-small'
  /** RFC822.SIZE says 1 GiB, whatever the size. */
  | 'size-too-large'
  /** RFC822.SIZE says -1. */
  | 'size-negative'
  /** SELECT does not tell UIDVALIDITY. */
  | 'no-uidvalidity'
  /** The first mail of each FETCH of bodies is expunged by somebody else just then. */
  | 'vanishing'
  /** What the client sent to log in stands in the answer, and it is refused. */
  | 'quotes-login'
  /** IDLE begins, then nothing is heard or said any more. */
  | 'idle-then-silence'
  /** IDLE begins, then the connection ends. */
  | 'idle-then-cut'
  /** IDLE is answered and ended at once, again and again. */
  | 'idle-ends-at-once'

/** One thing that goes wrong when the client gets to a step; at `literal` half of a mail has been sent. */
export interface ImapMishap {
  readonly at: ImapStep
  /** no: the command is refused and nothing else happens. ok: it is said to be done, and is not. */
  readonly does: 'silence' | 'reset' | 'close' | 'bye' | 'endless-line' | 'garbage' | 'no' | 'ok'
}

export const IMAP_STEPS = [
  'greeting',
  'capability',
  'starttls',
  'login',
  'list',
  'select',
  'search',
  'fetch',
  'literal',
  'store',
  'move',
  'copy',
  'create',
  'expunge',
  'idle',
  'noop',
  'logout',
] as const

export type ImapStep = (typeof IMAP_STEPS)[number]
