import type { Socket } from 'node:net'
import { selectAnswer } from './imap-answers.ts'
import { type Handlers, type ImapHouse, mishapAt } from './imap-house.ts'
import { IMAP_PASSWORD, IMAP_USER, isKnown } from './imap-login.ts'
import { ImapSelected } from './imap-selected.ts'
import { type ImapCommand, parseImapCommand } from './imap-syntax.ts'
import type { ImapStep } from './imap-trouble.ts'
import { ImapView } from './imap-view.ts'
import { ImapWire } from './imap-wire.ts'

const STEP_OF: Readonly<Record<string, ImapStep>> = { AUTHENTICATE: 'login', EXAMINE: 'select', LSUB: 'list' }
const CUT_MS = 20
/** What XOAUTH2 says of a token that is none. */
const NO_TOKEN = JSON.stringify({ status: '401', schemes: 'bearer' })

/** One client at the lab's mailbox server. */
export class ImapServerSession {
  readonly #wire: ImapWire
  readonly #house: ImapHouse
  #loggedIn: boolean = false
  #selected: ImapSelected | null = null
  #idleTag: string | null = null
  #continuation: ((line: string) => void) | null = null

  constructor(socket: Socket, implicit: boolean, house: ImapHouse) {
    this.#house = house
    this.#wire = new ImapWire(socket, implicit ? house.secureContext : null, (text) => this.#hear(text))
    const forget = house.store.watch(() => this.#tellIdler())
    socket.on('close', () => {
      forget()
      house.entry.ended = true
    })
    const greeting = mishapAt(house, 'greeting')
    if (greeting !== null) this.#wire.suffer(greeting.does, '*')
    else if (house.mode === 'preauth') {
      this.#loggedIn = true
      this.#wire.send('* PREAUTH Welcome back\r\n')
    } else this.#wire.send('* OK Lab ready\r\n')
  }

  #hear(text: string): void {
    this.#house.entry.commands.push({ text, secured: this.#wire.secured })
    const continuation = this.#continuation
    this.#continuation = null
    const command = parseImapCommand(text)
    if (continuation !== null) continuation(text)
    else if (command === null) this.#wire.send('* BAD What?\r\n')
    else this.#answer(command)
  }

  #answer(command: ImapCommand): void {
    const word = command.name.replace(/^UID /, '')
    const mishap = mishapAt(this.#house, STEP_OF[word] ?? (word.toLowerCase() as ImapStep))
    if (mishap !== null) {
      if (mishap.at === 'login' && mishap.does === 'no') this.#refuseLogin(command.tag)
      else this.#wire.suffer(mishap.does, command.tag)
      return
    }
    const more = this.#loggedIn ? { ...this.#known, ...this.#selected?.handlers } : {}
    const handlers: Handlers = { ...this.#always, ...more }
    const missing = this.#house.lacks.some((name) => name === word)
    const handler = missing ? undefined : handlers[word]
    if (handler === undefined) this.#wire.send(`${command.tag} BAD Not here and not now\r\n`)
    else handler(command)
  }

  readonly #always: Handlers = {
    CAPABILITY: ({ tag }) => this.#done(tag, `* CAPABILITY ${this.#capabilities()}\r\n`),
    NOOP: ({ tag }) => this.#done(tag),
    LOGOUT: ({ tag }) => {
      this.#wire.send(`* BYE See you\r\n${tag} OK Done\r\n`)
      this.#wire.socket.end()
    },
    STARTTLS: ({ tag }) => this.#startTls(tag),
    LOGIN: ({ tag, args }) =>
      this.#login(tag, args[0] === IMAP_USER && args[1] === IMAP_PASSWORD, args.join(' ')),
    AUTHENTICATE: (command) => this.#authenticate(command),
  }

  readonly #known: Handlers = {
    LIST: ({ tag, args }) => this.#done(tag, this.#list('LIST', String(args.at(-1)))),
    LSUB: ({ tag, args }) => this.#done(tag, this.#list('LSUB', String(args.at(-1)))),
    SELECT: (command) => this.#select(command),
    EXAMINE: (command) => this.#select(command),
    SUBSCRIBE: ({ tag }) => this.#done(tag),
    CREATE: ({ tag, args }) => {
      if (this.#house.store.create(String(args[0]))) this.#done(tag)
      else this.#wire.send(`${tag} NO [ALREADYEXISTS] It exists\r\n`)
    },
    IDLE: ({ tag }) => this.#idle(tag),
  }

  #capabilities(): string {
    const { lacks } = this.#house
    const logins = ['AUTH=PLAIN', 'AUTH=XOAUTH2']
    const before = lacks.includes('STARTTLS') ? logins : ['STARTTLS', 'LOGINDISABLED']
    const extensions = (['IDLE', 'MOVE', 'UIDPLUS'] as const).filter((name) => !lacks.includes(name))
    return ['IMAP4rev1', ...(this.#wire.secured ? [...logins, 'SASL-IR'] : before), ...extensions].join(' ')
  }

  #startTls(tag: string): void {
    if (this.#wire.secured || this.#house.lacks.includes('STARTTLS')) {
      this.#wire.send(`${tag} BAD No\r\n`)
      return
    }
    const more = this.#house.mode === 'injection' ? '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n' : ''
    this.#wire.send(`${tag} OK Go ahead\r\n${more}`)
    this.#wire.upgrade(this.#house.secureContext)
  }

  #authenticate({ tag, args }: ImapCommand): void {
    const [mechanism = '', initial] = args.map(String)
    const judge = (base64: string) => {
      const known = isKnown(mechanism.toUpperCase(), base64)
      if (known || mechanism.toUpperCase() !== 'XOAUTH2') {
        this.#login(tag, known, base64)
        return
      }
      // The client has to answer what is wrong with the token before it hears NO.
      this.#continuation = () => this.#login(tag, false, base64)
      this.#wire.send(`+ ${Buffer.from(NO_TOKEN).toString('base64')}\r\n`)
    }
    if (initial !== undefined) judge(initial)
    else {
      this.#continuation = judge
      this.#wire.send('+ \r\n')
    }
  }

  #login(tag: string, known: boolean, said: string): void {
    const quoted = this.#house.mode === 'quotes-login'
    if (known && !quoted) {
      this.#loggedIn = true
      this.#done(tag)
    } else this.#refuseLogin(tag, quoted ? `: ${said}` : '')
  }

  #refuseLogin(tag: string, quotation = ''): void {
    this.#wire.send(`${tag} NO [AUTHENTICATIONFAILED] Wrong user or password${quotation}\r\n`)
  }

  #list(word: string, pattern: string): string {
    if (pattern === '') return `* ${word} (\\Noselect) "/" ""\r\n`
    const wild = new RegExp(`^${RegExp.escape(pattern).replace(/\\\*|%/g, '.*')}$`, 'i')
    const found = this.#house.store.names.filter((name) => wild.test(name))
    return found.map((name) => `* ${word} () "/" "${name}"\r\n`).join('')
  }

  #select({ tag, name, args }: ImapCommand): void {
    const folder = this.#house.store.find(String(args[0]))
    this.#selected = null
    if (folder === null) {
      this.#wire.send(`${tag} NO [NONEXISTENT] No such folder\r\n`)
      return
    }
    if (this.#house.mode === 'uidvalidity-flips') folder.uidValidity = this.#house.store.newValidity()
    const view = new ImapView(folder)
    const readOnly = name === 'EXAMINE'
    this.#selected = new ImapSelected(this.#wire, this.#house, view, readOnly)
    const answer = selectAnswer(view, this.#house.mode)
    this.#wire.send(`${answer}${tag} OK [READ-${readOnly ? 'ONLY' : 'WRITE'}] Selected\r\n`)
  }

  #idle(tag: string): void {
    this.#wire.send('+ idling\r\n')
    if (this.#house.mode === 'idle-ends-at-once') {
      this.#done(tag)
      return
    }
    this.#idleTag = tag
    this.#tellIdler()
    this.#continuation = () => {
      this.#idleTag = null
      this.#done(tag)
    }
    if (this.#house.mode === 'idle-then-silence') this.#wire.fallSilent()
    if (this.#house.mode === 'idle-then-cut') setTimeout(() => this.#wire.suffer('close', tag), CUT_MS)
  }

  #tellIdler(): void {
    if (this.#idleTag !== null) this.#wire.send(this.#selected?.view.news(true) ?? '')
  }

  #done(tag: string, answer = ''): void {
    this.#wire.send(`${answer}${this.#selected?.view.news(true) ?? ''}${tag} OK Done\r\n`)
  }
}
