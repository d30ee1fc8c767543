import { chownSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { SECOND_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Endpoint } from '../../../src/model/route.ts'
import { ChildServer } from './child-server.ts'
import { accepts, freeEndpoints } from './free-endpoints.ts'
import { programOf } from './packages.ts'
import { Scratch } from './scratch.ts'

export interface DovecotOptions {
  /** A file with key and chain; null: no TLS at all. */
  readonly identity: string | null
  readonly password: string
  /** Further lines of dovecot.conf. */
  readonly settings: readonly string[]
}

/** `nobody`: mails belong to anybody but root. */
const MAIL_USER = 65_534
export const DOVECOT_USER = 'reports@example.net'
const HOST = '127.0.0.1'

/** A whole Dovecot of its own: configuration, one account with its Maildir, log and sockets lie in one scratch directory. */
export class Dovecot implements AsyncDisposable {
  /** STARTTLS, where there is an identity. */
  readonly plain: Endpoint
  /** TLS from the first byte, where there is an identity. */
  readonly implicit: Endpoint
  readonly #maildir: string
  readonly #scratch: Scratch
  readonly #server: ChildServer
  #mails = 0

  private constructor(scratch: Scratch, server: ChildServer, [plain, implicit]: readonly Endpoint[]) {
    if (plain === undefined || implicit === undefined) throw new Error('too few free ports')
    this.plain = plain
    this.implicit = implicit
    this.#maildir = join(scratch.path, 'mail')
    this.#scratch = scratch
    this.#server = server
  }

  static async start(options: DovecotOptions): Promise<Dovecot> {
    using stack = new DisposableStack()
    const scratch = stack.use(new Scratch('dovecot'))
    const endpoints = await freeEndpoints(2, HOST)
    scratch.write('dovecot.conf', configuration(scratch.path, options, endpoints))
    scratch.write('users', `${DOVECOT_USER}:{PLAIN}${options.password}\n`)
    makeMaildir(join(scratch.path, 'mail'))
    const open = options.identity === null ? endpoints.slice(0, 1) : endpoints
    const server = await ChildServer.start({
      command: programOf('dovecot-imapd'),
      args: ['-F', '-c', join(scratch.path, 'dovecot.conf')],
      logFile: join(scratch.path, 'dovecot.log'),
      ready: async () => (await Promise.all(open.map(accepts))).every(Boolean),
    })
    stack.move()
    return new Dovecot(scratch, server, endpoints)
  }

  /** Everything that Dovecot has logged so far. */
  get log(): string {
    return this.#server.output
  }

  /** Puts mails into a folder as a delivery agent does, now or as if at `arrivedAt`; UIDs follow the order in which they come. */
  deliver(mails: readonly string[], folder = 'INBOX', arrivedAt: UnixMs | null = null): void {
    const maildir = this.#folder(folder)
    for (const text of mails) {
      const name = `${1_700_000_000 + this.#mails}.M${this.#mails++}.test`
      const draft = join(maildir, 'tmp', name)
      writeFileSync(draft, text)
      // Dovecot takes its INTERNALDATE from here.
      if (arrivedAt !== null) utimesSync(draft, arrivedAt / SECOND_MS, arrivedAt / SECOND_MS)
      if (isRoot()) chownSync(draft, MAIL_USER, MAIL_USER)
      renameSync(draft, join(maildir, 'new', name))
    }
  }

  /** Makes a folder, or makes it anew, which changes its UIDVALIDITY. */
  make(folder: string): void {
    rmSync(this.#folder(folder), { recursive: true, force: true })
    makeMaildir(this.#folder(folder))
  }

  /** What Maildir says of each mail, in the order of delivery: `S` is `\Seen`, `a` the first keyword of the folder. */
  flags(folder: string): readonly string[] {
    const files = ['cur', 'new'].flatMap((name) => readdirSync(join(this.#folder(folder), name)))
    return files.sort().map((file) => /:2,(.*)$/.exec(file)?.[1] ?? '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    this.#scratch[Symbol.dispose]()
  }

  #folder(name: string): string {
    return name === 'INBOX' ? this.#maildir : join(this.#maildir, `.${name}`)
  }
}

function makeMaildir(path: string): void {
  for (const folder of [path, ...['cur', 'new', 'tmp'].map((name) => join(path, name))]) {
    mkdirSync(folder)
    if (isRoot()) chownSync(folder, MAIL_USER, MAIL_USER)
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function configuration(
  path: string,
  { identity, settings }: DovecotOptions,
  [plain, implicit]: readonly Endpoint[],
): string {
  const { username, uid, gid } = userInfo()
  const owner = isRoot() ? { uid: MAIL_USER, gid: MAIL_USER } : { uid, gid }
  const users = isRoot()
    ? []
    : [`default_internal_user = ${username}`, `default_login_user = ${username}`, `default_internal_group =`]
  const tls =
    identity === null ? ['ssl = no'] : ['ssl = required', `ssl_cert = <${identity}`, `ssl_key = <${identity}`]
  return [
    'protocols = imap',
    `listen = ${HOST}`,
    `base_dir = ${path}/run`,
    `state_dir = ${path}/run`,
    `log_path = ${path}/dovecot.log`,
    `mail_location = maildir:${path}/mail`,
    'auth_mechanisms = plain login',
    'auth_failure_delay = 0',
    `passdb {\n driver = passwd-file\n args = ${path}/users\n}`,
    `userdb {\n driver = static\n args = uid=${owner.uid} gid=${owner.gid} home=${path}/mail\n}`,
    `first_valid_uid = ${owner.uid}`,
    `first_valid_gid = ${owner.gid}`,
    ...users,
    ...tls,
    'service imap-login {',
    ' chroot =',
    ` inet_listener imap {\n port = ${plain?.port}\n }`,
    ` inet_listener imaps {\n port = ${identity === null ? 0 : implicit?.port}\n ssl = yes\n }`,
    '}',
    'service anvil {\n chroot =\n}',
    'service stats {\n chroot =\n}',
    ...settings,
    '',
  ].join('\n')
}
