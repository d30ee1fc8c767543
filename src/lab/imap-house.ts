import type { SecureContext } from 'node:tls'
import type { ImapStore } from './imap-store.ts'
import type { ImapCommand } from './imap-syntax.ts'
import type { ImapExtension, ImapMishap, ImapMode, ImapStep } from './imap-trouble.ts'
import type { ImapEntry } from './journal.ts'

/** What one connection to the lab's mailbox server needs. */
export interface ImapHouse {
  readonly store: ImapStore
  readonly secureContext: SecureContext
  readonly mode: ImapMode | null
  readonly lacks: readonly ImapExtension[]
  readonly entry: ImapEntry
}

/** By the name of the command, without UID. */
export type Handlers = Readonly<Record<string, ((command: ImapCommand) => void) | undefined>>

/** What goes wrong at this step; null: nothing. */
export function mishapAt({ mode }: ImapHouse, step: ImapStep): ImapMishap | null {
  return typeof mode === 'object' && mode?.at === step ? mode : null
}
