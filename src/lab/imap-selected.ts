import { fetchAnswer } from './imap-answers.ts'
import { type Handlers, type ImapHouse, mishapAt } from './imap-house.ts'
import type { ImapCommand, ImapToken } from './imap-syntax.ts'
import type { ImapView } from './imap-view.ts'
import type { ImapWire } from './imap-wire.ts'
import { drip, flood } from './misbehave.ts'

const GIANT = Buffer.alloc(65_536, 'x')

/** The commands on the folder that a session has selected. */
export class ImapSelected {
  readonly view: ImapView
  readonly handlers: Handlers
  readonly #wire: ImapWire
  readonly #house: ImapHouse
  readonly #readOnly: boolean

  constructor(wire: ImapWire, house: ImapHouse, view: ImapView, readOnly: boolean) {
    this.view = view
    this.#wire = wire
    this.#house = house
    this.#readOnly = readOnly
    this.handlers = {
      SEARCH: (command) => this.#search(command),
      FETCH: (command) => this.#fetch(command),
      STORE: (command) => this.#store(command),
      COPY: (command) => this.#copy(command, false),
      MOVE: (command) => this.#copy(command, true),
      EXPUNGE: (command) => this.#expungeDeleted(command),
    }
  }

  #search({ tag, args }: ImapCommand): void {
    const found = this.view.search(args)
    if (found === null) this.#wire.send(`${tag} BAD No such search\r\n`)
    else this.#done(tag, `* SEARCH${found.map((uid) => ` ${uid}`).join('')}\r\n`)
  }

  #fetch({ tag, name, args }: ImapCommand): void {
    const picked = this.view.pick(args[0], name === 'UID FETCH') ?? []
    const items = Array.isArray(args[1]) ? (args[1] as readonly ImapToken[]) : args.slice(1)
    const wantsBodies = items.some((item) => /^BODY/i.test(String(item)))
    const vanishing = this.#house.mode === 'vanishing' && wantsBodies && picked.length > 0
    for (const [number, mail] of vanishing ? picked.slice(1) : picked) {
      const { text, literal } = fetchAnswer(number, mail, items, this.#claimedSize(mail.raw.length))
      this.#wire.send(text)
      if (literal !== null && !this.#sendLiteral(tag, literal.head, literal.bytes)) return
    }
    if (vanishing) {
      this.view.folder.remove(new Set(picked.slice(0, 1).map(([, { uid }]) => uid)))
      this.#wire.send(`${tag} NO [EXPUNGEISSUED] Somebody has expunged one of them\r\n`)
    } else this.#done(tag, '', false)
  }

  #claimedSize(size: number): number {
    if (this.#house.mode === 'size-too-small') return 10
    if (this.#house.mode === 'size-negative') return -1
    return this.#house.mode === 'size-too-large' ? 2 ** 30 : size
  }

  /** False when it went wrong. */
  #sendLiteral(tag: string, head: string, bytes: Buffer): boolean {
    const { mode } = this.#house
    const mishap = mishapAt(this.#house, 'literal')
    if (mode === 'giant-literal') {
      this.#wire.send('BODY[] {4294967295}\r\n')
      this.#wire.fallSilent()
      flood(this.#wire.socket, GIANT)
    } else if (mode === 'drip-literal') {
      this.#wire.send('BODY[] {1000}\r\n')
      this.#wire.fallSilent()
      drip(this.#wire.socket, 'x')
    } else if (mishap !== null) {
      this.#wire.send(head, bytes.subarray(0, bytes.length / 2))
      this.#wire.suffer(mishap.does, tag)
    } else this.#wire.send(head, bytes, ')\r\n')
    return mishap === null && mode !== 'giant-literal' && mode !== 'drip-literal'
  }

  #store({ tag, name, args }: ImapCommand): void {
    const picked = this.view.pick(args[0], name === 'UID STORE') ?? []
    const flags = Array.isArray(args[2]) ? args[2].map(String) : [String(args[2])]
    const operation = String(args[1]).toUpperCase()
    if (this.#readOnly) {
      this.#wire.send(`${tag} NO [READ-ONLY] Not here\r\n`)
      return
    }
    for (const [number, mail] of picked) {
      if (!/^[+-]/.test(operation)) mail.flags.clear()
      for (const flag of flags) {
        if (operation.startsWith('-')) mail.flags.delete(flag)
        else mail.flags.add(flag)
      }
      const now = [...mail.flags].join(' ')
      if (!operation.endsWith('.SILENT'))
        this.#wire.send(`* ${number} FETCH (UID ${mail.uid} FLAGS (${now}))\r\n`)
    }
    this.#done(tag, '', false)
  }

  #copy({ tag, name, args }: ImapCommand, away: boolean): void {
    const target = this.#house.store.find(String(args[1]))
    if (target === null) {
      this.#wire.send(`${tag} NO [TRYCREATE] No such folder\r\n`)
      return
    }
    const mails = (this.view.pick(args[0], name.startsWith('UID ')) ?? []).map(([, mail]) => mail)
    const copies = mails.map(({ raw, receivedAt, flags }) => target.add(raw, receivedAt, flags))
    const uids = mails.map(({ uid }) => uid)
    if (!this.#house.lacks.includes('UIDPLUS') && uids.length > 0) {
      const code = `[COPYUID ${target.uidValidity} ${uids.join(',')} ${copies.join(',')}]`
      this.#wire.send(`* OK ${code} Copied\r\n`)
    }
    if (away) this.#expunge(tag, new Set(uids))
    else this.#done(tag)
  }

  #expungeDeleted({ tag, name, args }: ImapCommand): void {
    const some = name === 'UID EXPUNGE' ? this.view.pick(args[0], true) : this.view.pick('1:*', false)
    const dead = (some ?? []).filter(([, { flags }]) => flags.has('\\Deleted'))
    this.#expunge(tag, new Set(dead.map(([, { uid }]) => uid)))
  }

  #expunge(tag: string, uids: ReadonlySet<number>): void {
    this.view.folder.remove(uids)
    this.#done(tag)
    this.#house.store.changed()
  }

  /** What changed meanwhile is told before the end of a command. */
  #done(tag: string, answer = '', expunges = true): void {
    this.#wire.send(`${answer}${this.view.news(expunges)}${tag} OK Done\r\n`)
  }
}
