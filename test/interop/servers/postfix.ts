import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Endpoint } from '../../../src/model/route.ts'
import { ChildServer } from './child-server.ts'
import { accepts, freeEndpoints } from './free-endpoints.ts'
import { programOf } from './packages.ts'
import { Scratch } from './scratch.ts'

/** One smtpd with its own port: parameters of main.cf that differ for it. */
export type SmtpdSettings = Readonly<Record<string, string>>

export interface PostfixOptions {
  readonly services: Readonly<Record<string, SmtpdSettings>>
  /** Parameters for all of them. */
  readonly main: SmtpdSettings
  /** Where to listen; null: a random loopback address. */
  readonly host: string | null
  /** Where each service listens; null: free ports of `host`. */
  readonly at: ReadonlyMap<string, Endpoint> | null
}

/** `nobody`: virtual(8) delivers as anybody but root. */
const MAILBOX_USER = 65_534

const INTERNAL_SERVICES = `
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
virtual unix - n n - - virtual
`

/**
 * A whole Postfix of its own: configuration, queue, log and mailboxes lie in one scratch directory. It offers one smtpd
 * for each named service and delivers to Maildirs below `mailboxes`.
 */
export class Postfix implements AsyncDisposable {
  readonly mailboxes: string
  readonly #endpoints: ReadonlyMap<string, Endpoint>
  readonly #scratch: Scratch
  readonly #server: ChildServer

  private constructor(scratch: Scratch, server: ChildServer, endpoints: ReadonlyMap<string, Endpoint>) {
    this.mailboxes = join(scratch.path, 'mailboxes')
    this.#scratch = scratch
    this.#server = server
    this.#endpoints = endpoints
  }

  static async start(options: Partial<PostfixOptions>): Promise<Postfix> {
    if (process.getuid?.() !== 0)
      throw new Error('Postfix starts only as root: run the interop suite as root')
    const { services = {}, main = {}, host = null } = options
    using stack = new DisposableStack()
    const scratch = stack.use(new Scratch('postfix'))
    const endpoints = options.at ?? (await freePorts(Object.keys(services), host))
    configure(scratch, { services, main }, endpoints)
    const server = await ChildServer.start({
      // postfix(1) would put a shell between us and the server, which no signal passes.
      command: join(daemonDirectory(), 'master'),
      args: ['-d', '-c', join(scratch.path, 'etc')],
      logFile: join(scratch.path, 'mail.log'),
      ready: async () => (await Promise.all([...endpoints.values()].map(accepts))).every(Boolean),
    })
    stack.move()
    return new Postfix(scratch, server, endpoints)
  }

  endpoint(service: string): Endpoint {
    const endpoint = this.#endpoints.get(service)
    if (endpoint === undefined) throw new Error(`this Postfix has no service ${service}`)
    return endpoint
  }

  /** Everything that Postfix has logged so far. */
  get log(): string {
    return this.#server.output
  }

  /** What `postfix reload` does: whoever serves reads its files anew. */
  reload(): void {
    execFileSync(programOf('postfix'), ['-c', join(this.#scratch.path, 'etc'), 'reload'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  /** Ends the server and keeps the mailboxes. */
  async stop(): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#scratch[Symbol.dispose]()
  }
}

function daemonDirectory(): string {
  const postconf = join(dirname(programOf('postfix')), 'postconf')
  return execFileSync(postconf, ['-d', '-h', 'daemon_directory'], { encoding: 'utf8' }).trim()
}

async function freePorts(
  services: readonly string[],
  host: string | null,
): Promise<ReadonlyMap<string, Endpoint>> {
  const free = await freeEndpoints(services.length, host ?? undefined)
  return new Map(services.map((name, index) => [name, at(free, index)]))
}

function configure(
  scratch: Scratch,
  { services, main }: Pick<PostfixOptions, 'services' | 'main'>,
  endpoints: ReadonlyMap<string, Endpoint>,
): void {
  for (const folder of ['etc', 'queue', 'data', 'mailboxes']) mkdirSync(join(scratch.path, folder))
  chownSync(join(scratch.path, 'mailboxes'), MAILBOX_USER, MAILBOX_USER)
  execFileSync('chown', ['postfix', join(scratch.path, 'data')])
  const parameters: SmtpdSettings = {
    compatibility_level: '3.6',
    queue_directory: join(scratch.path, 'queue'),
    data_directory: join(scratch.path, 'data'),
    maillog_file: join(scratch.path, 'mail.log'),
    maillog_file_prefixes: scratch.path,
    myhostname: 'postfix.example.net',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    alias_maps: '',
    alias_database: '',
    inet_protocols: 'ipv4',
    smtpd_peername_lookup: 'no',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_tls_loglevel: '1',
    default_transport: 'error: this server relays nothing',
    virtual_mailbox_base: join(scratch.path, 'mailboxes'),
    virtual_uid_maps: `static:${MAILBOX_USER}`,
    virtual_gid_maps: `static:${MAILBOX_USER}`,
    virtual_minimum_uid: '1',
    ...main,
  }
  scratch.write(
    'etc/main.cf',
    lines(parameters, ([name, value]) => `${name} = ${value}`),
  )
  const listeners = lines(services, ([name, settings]) => {
    const { host, port } = endpoints.get(name) ?? { host: '', port: 0 }
    return [`${host}:${port} inet n - n - - smtpd`, ...Object.entries(settings).map(override)].join('\n  ')
  })
  scratch.write('etc/master.cf', `${listeners}${INTERNAL_SERVICES}`)
  // Makes the folders of the queue, with their owners.
  execFileSync(programOf('postfix'), ['-c', join(scratch.path, 'etc'), 'check'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** Postfix takes white space in an override only within braces. */
function override([name, value]: readonly [string, string]): string {
  return `-o { ${name} = ${value} }`
}

function lines<T>(entries: Readonly<Record<string, T>>, write: (entry: [string, T]) => string): string {
  return `${Object.entries(entries).map(write).join('\n')}\n`
}

function at(endpoints: readonly Endpoint[], index: number): Endpoint {
  const endpoint = endpoints[index]
  if (endpoint === undefined) throw new Error('too few free ports')
  return endpoint
}
