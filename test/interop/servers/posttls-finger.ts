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

  /** Everything it says about `domain:port`, as a sender on this security level that expects one of these names. */
  async ask(
    level: 'dane' | 'secure',
    destination: string,
    { roots, match }: { readonly roots: string | null; readonly match: readonly string[] },
  ): Promise<string> {
    const program = join(dirname(programOf('postfix')), 'posttls-finger')
    const trust = roots === null ? [] : ['-F', roots]
    const args = ['-v', '-c', '-l', level, ...trust, destination, ...match]
    const env = { ...process.env, MAIL_CONFIG: this.#scratch.path }
    const { stdout, stderr } = await run('unshare', [...WITH_RESOLVER, this.#resolvConf, program, ...args], {
      env,
      timeout: 30_000,
      maxBuffer: 10_000_000,
    })
    return stdout + stderr
  }
}
