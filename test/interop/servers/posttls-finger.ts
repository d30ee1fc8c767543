import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Endpoint } from '../../../src/model/route.ts'
import { programOf } from './packages.ts'
import type { Scratch } from './scratch.ts'

const run = promisify(execFile)

/** In a mount namespace of its own, in which /etc/resolv.conf is this file. */
const WITH_RESOLVER = ['-m', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"']

const MAIN = `compatibility_level = 3.6
inet_protocols = ipv4
myhostname = finger.example.org
smtp_dns_support_level = dnssec
`

/** Postfix's own sending side, which tells how it would deliver to a destination. */
export class PosttlsFinger {
  readonly #scratch: Scratch
  readonly #resolvConf: string

  /** `resolver`: on port 53, the only one that the C library asks. */
  constructor(scratch: Scratch, resolver: Endpoint) {
    if (process.getuid?.() !== 0)
      throw new Error('posttls-finger gets a resolver of its own only as root: run the interop suite as root')
    if (resolver.port !== 53) throw new Error('the C library asks resolvers on port 53 alone')
    this.#scratch = scratch
    this.#resolvConf = scratch.write('resolv.conf', `nameserver ${resolver.host}\noptions edns0 trust-ad\n`)
    scratch.write('main.cf', MAIN)
  }

  /** Everything it says about `domain:port`, as a sender that goes by TLSA records. */
  dane(destination: string): Promise<string> {
    return this.#ask(['-l', 'dane', destination])
  }

  /** The same as one that trusts these roots, and takes the names of the match list for the host with this SNI. */
  secure(destination: string, { roots, sni, match }: Expectation): Promise<string> {
    return this.#ask(['-l', 'secure', '-F', roots, '-s', sni, destination, ...match])
  }

  async #ask(args: readonly string[]): Promise<string> {
    const program = join(dirname(programOf('postfix')), 'posttls-finger')
    const env = { ...process.env, MAIL_CONFIG: this.#scratch.path }
    const inNamespace = [...WITH_RESOLVER, this.#resolvConf, program, '-v', '-c', ...args]
    const { stdout, stderr } = await run('unshare', inNamespace, {
      env,
      timeout: 30_000,
      maxBuffer: 10_000_000,
    })
    return stdout + stderr
  }
}

export interface Expectation {
  /** PEM file. */
  readonly roots: string
  readonly sni: string
  readonly match: readonly string[]
}
