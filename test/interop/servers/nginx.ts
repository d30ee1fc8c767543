import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Endpoint } from '../../../src/model/route.ts'
import { ChildServer } from './child-server.ts'
import { accepts } from './free-endpoints.ts'
import { programOf } from './packages.ts'
import { Scratch } from './scratch.ts'

/** One virtual host, found by SNI at every endpoint that it names. */
export interface VirtualHost {
  readonly name: string
  readonly at: readonly Endpoint[]
  /** PEM file with key and chain. */
  readonly identity: string
  /** Path below the document root → content. */
  readonly files: Readonly<Record<string, string | Buffer>>
  /** Directives of the server block, e.g. `return 404;`. */
  readonly directives: readonly string[]
}

/**
 * A real nginx with virtual hosts over TLS. Whoever asks for a name that it does not have gets no certificate
 * (ssl_reject_handshake).
 */
export class Nginx implements AsyncDisposable {
  readonly #scratch: Scratch
  readonly #server: ChildServer

  private constructor(scratch: Scratch, server: ChildServer) {
    this.#scratch = scratch
    this.#server = server
  }

  static async start(hosts: readonly VirtualHost[]): Promise<Nginx> {
    using stack = new DisposableStack()
    const scratch = stack.use(new Scratch('nginx'))
    for (const { name, files } of hosts) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(join(scratch.path, name, dirname(path)), { recursive: true })
        scratch.write(join(name, path), content)
      }
    }
    const endpoints = [...new Map(hosts.flatMap(({ at }) => at).map((one) => [listen(one), one])).values()]
    const config = scratch.write('nginx.conf', configuration(scratch.path, hosts, endpoints))
    const server = await ChildServer.start({
      command: programOf('nginx-light'),
      args: ['-c', config, '-p', scratch.path, '-e', 'stderr'],
      logFile: null,
      ready: async () => (await Promise.all(endpoints.map(accepts))).every(Boolean),
    })
    stack.move()
    return new Nginx(scratch, server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    this.#scratch[Symbol.dispose]()
  }
}

function configuration(
  folder: string,
  hosts: readonly VirtualHost[],
  endpoints: readonly Endpoint[],
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/${kind};`,
  )
  const rejecting = endpoints.map((one) => `listen ${listen(one)} ssl default_server;`).join(' ')
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
${temporary.join('\n')}
  access_log off;
  types { text/plain txt; text/html html; }
  server { ${rejecting} ssl_reject_handshake on; }
${hosts.map((host) => serverBlock(folder, host)).join('\n')}
}
`
}

function serverBlock(folder: string, { name, at, identity, directives }: VirtualHost): string {
  const all = [
    ...at.map((one) => `listen ${listen(one)} ssl;`),
    `server_name ${name};`,
    `ssl_certificate ${identity};`,
    `ssl_certificate_key ${identity};`,
    `root ${join(folder, name)};`,
    ...directives,
  ]
  return `  server {\n    ${all.join('\n    ')}\n  }`
}

function listen({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
