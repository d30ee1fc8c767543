import type { LabFolder, LabMail } from './imap-folder.ts'
import { type ImapToken, parseSequenceSet } from './imap-syntax.ts'

/** A folder as one session has been told of it: message numbers change only when the client hears of it (RFC 3501). */
export class ImapView {
  readonly folder: LabFolder
  readonly #known: LabMail[]

  constructor(folder: LabFolder) {
    this.folder = folder
    this.#known = [...folder.mails]
  }

  /** The answers that tell of what has changed since; expunges only when the command allows it. */
  news(expunges: boolean): string {
    const lines: string[] = []
    const there = new Set(this.folder.mails)
    for (let index = this.#known.length - 1; index >= 0 && expunges; index--) {
      const mail = this.#known[index]
      if (mail === undefined || there.has(mail)) continue
      this.#known.splice(index, 1)
      lines.push(`* ${index + 1} EXPUNGE\r\n`)
    }
    const last = this.#known.at(-1)?.uid ?? 0
    const fresh = this.folder.mails.filter(({ uid }) => uid > last)
    this.#known.push(...fresh)
    return fresh.length === 0 ? lines.join('') : `${lines.join('')}* ${this.#known.length} EXISTS\r\n`
  }

  get size(): number {
    return this.#known.length
  }

  /** Mails of a set with their numbers; null: it is no set. */
  pick(set: ImapToken | undefined, byUid: boolean): readonly (readonly [number, LabMail])[] | null {
    const last = byUid ? (this.#known.at(-1)?.uid ?? 0) : this.#known.length
    const has = typeof set === 'string' ? parseSequenceSet(set, last) : null
    if (has === null) return null
    const there = new Set(this.folder.mails)
    return this.#known.flatMap((mail, index) =>
      there.has(mail) && has(byUid ? mail.uid : index + 1) ? [[index + 1, mail] as const] : [],
    )
  }

  /** UID SEARCH: ALL, DELETED, SINCE, UID and sets, all of which must hold. Null: something else was asked for. */
  search(args: readonly ImapToken[]): readonly number[] | null {
    let found = this.pick('1:*', false) ?? []
    for (let index = 0; index < args.length; index++) {
      const word = String(args[index]).toUpperCase()
      if (word === 'ALL') continue
      if (word === 'DELETED') found = found.filter(([, { flags }]) => flags.has('\\Deleted'))
      else if (word === 'SINCE') {
        const from = Date.parse(`${String(args[++index])} UTC`)
        found = found.filter(([, { receivedAt }]) => receivedAt >= from)
      } else {
        const byUid = word === 'UID'
        const part = this.pick(byUid ? args[++index] : args[index], byUid)
        if (part === null) return null
        const uids = new Set(part.map(([, { uid }]) => uid))
        found = found.filter(([, { uid }]) => uids.has(uid))
      }
    }
    return found.map(([, { uid }]) => uid)
  }
}
