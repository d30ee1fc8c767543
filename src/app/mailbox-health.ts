import type { FailingMailbox, MonitorState, UnreadableMail } from '../check/self.ts'
import { type Clock, DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Evidence, FindingCode } from '../model/finding.ts'

type Renumbered = Evidence['monitor.mailbox.renumbered']

/** What the running program knows of the mailbox it reads. Kept in memory: after a start it is found out anew. */
export class MailboxHealth {
  readonly #clock: Clock
  #failing: FailingMailbox | null = null
  #renumbered: readonly Renumbered[] = []
  #unreadable: readonly UnreadableMail[] = []
  #readAt: UnixMs | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When the mailbox was last read to its end; null: not since the start. */
  get readAt(): UnixMs | null {
    return this.#readAt
  }

  /** What cannot be told yet since the start. */
  untold(): readonly FindingCode[] {
    if (this.#readAt !== null) return []
    const unread = 'monitor.mailbox.unreadable'
    return this.#failing === null ? ['monitor.mailbox.unreachable', unread] : [unread]
  }

  /** It was read to its end; `unreadable` are the mails of the last day that we could make nothing of. */
  read(unreadable: readonly UnreadableMail[]): void {
    this.#failing = null
    this.#unreadable = unreadable
    this.#readAt = this.#clock.now()
  }

  renumbered(change: Omit<Renumbered, 'at'>): void {
    this.#renumbered = [...this.#recentlyRenumbered(), { ...change, at: this.#clock.now() }]
  }

  failed(account: string, failure: string, error: string): void {
    const sinceAt = this.#failing?.account === account ? this.#failing.sinceAt : this.#clock.now()
    this.#failing = { account, failure, error, sinceAt }
  }

  /** No mailbox is configured any more. */
  forget(): void {
    this.#failing = null
    this.#unreadable = []
  }

  state(): Pick<MonitorState, 'failingMailboxes' | 'renumberedFolders' | 'unreadableMails'> {
    return {
      failingMailboxes: this.#failing === null ? [] : [this.#failing],
      renumberedFolders: this.#recentlyRenumbered(),
      unreadableMails: this.#unreadable,
    }
  }

  #recentlyRenumbered(): readonly Renumbered[] {
    return this.#renumbered.filter(({ at }) => this.#clock.now() - at < DAY_MS)
  }
}
