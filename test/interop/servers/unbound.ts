import type { Endpoint } from '../../../src/model/route.ts'
import { ChildServer } from './child-server.ts'
import { accepts, freeEndpoint } from './free-endpoints.ts'
import { programOf } from './packages.ts'
import { Scratch } from './scratch.ts'

export interface UnboundOptions {
  /** Zone with its root dot → the server that has it. */
  readonly zones: Readonly<Record<string, Endpoint>>
  /** DS of the root. */
  readonly trustAnchor: string
  /** Does it explain its failures (RFC 8914)? Debian's default is no. */
  readonly extendedErrors: boolean
  /** 53 for programs that read resolv.conf, which knows no other port; else any free one. */
  readonly port?: 53
  /** False: it passes on what it gets, AD bit never set. */
  readonly validates?: boolean
  /** `YYYYMMDDHHMMSS`: what it takes for now when it looks at signatures. */
  readonly validationDate?: string
}

/**
 * A real validating resolver in front of authoritative servers on loopback ports. Its internet is the zones it is
 * given: whatever lies under no other of them is asked of the server of the root.
 */
export class Unbound implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #scratch: Scratch
  readonly #server: ChildServer

  private constructor(scratch: Scratch, endpoint: Endpoint, server: ChildServer) {
    this.#scratch = scratch
    this.endpoint = endpoint
    this.#server = server
  }

  static async start(options: UnboundOptions): Promise<Unbound> {
    using stack = new DisposableStack()
    const scratch = stack.use(new Scratch('unbound'))
    const anchor = scratch.write('root.ds', `${options.trustAnchor}\n`)
    const free = await freeEndpoint()
    const endpoint = { ...free, port: options.port ?? free.port }
    const config = scratch.write('unbound.conf', configuration(options, endpoint, anchor))
    const server = await ChildServer.start({
      command: programOf('unbound'),
      args: ['-d', '-c', config],
      logFile: null,
      ready: () => accepts(endpoint),
    })
    stack.move()
    return new Unbound(scratch, endpoint, server)
  }

  /** From now on it is silent: its port takes questions and nobody answers. */
  freeze(): void {
    this.#server.freeze()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    this.#scratch[Symbol.dispose]()
  }
}

function configuration(
  { zones, extendedErrors, validates = true, validationDate }: UnboundOptions,
  { host, port }: Endpoint,
  anchor: string,
): string {
  const stubs = Object.entries(zones).map(
    ([zone, server]) => `
stub-zone:
  name: "${zone}"
  stub-addr: ${server.host}@${server.port}`,
  )
  // "test." is one of the names that Unbound would answer itself.
  return `
server:
  interface: ${host}@${port}
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "${validates ? 'validator ' : ''}iterator"
  ${validationDate === undefined ? '' : `val-override-date: "${validationDate}"`}
  trust-anchor-file: "${anchor}"
  ede: ${extendedErrors ? 'yes' : 'no'}
  num-threads: 1
  username: ""
  chroot: ""
  directory: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
remote-control:
  control-enable: no
${stubs.join('')}
`
}
