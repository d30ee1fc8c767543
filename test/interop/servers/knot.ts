import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Endpoint } from '../../../src/model/route.ts'
import { ChildServer } from './child-server.ts'
import { freeEndpoint } from './free-endpoints.ts'
import { programOf } from './packages.ts'
import { Scratch } from './scratch.ts'

export interface KnotZone {
  /** With the root dot. */
  readonly name: string
  readonly signed: boolean
  /** Master file; `ds` gives the DS record of a zone that this server signs, for the parent to hold. */
  readonly content: (ds: (zone: string) => string) => string
}

const KEY = ['algorithm=ECDSAP256SHA256', 'ksk=yes', 'zsk=yes']

/** The lines that every zone begins with. */
export const APEX = '@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ NS ns.invalid.\n'

/**
 * A real authoritative server for some zones. Each signed one has an ECDSA key made by Knot's own keymgr and is signed
 * by Knot when it starts.
 */
export class Knot implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #scratch: Scratch
  readonly #server: ChildServer

  private constructor(scratch: Scratch, endpoint: Endpoint, server: ChildServer) {
    this.#scratch = scratch
    this.endpoint = endpoint
    this.#server = server
  }

  static async start(zones: readonly KnotZone[]): Promise<Knot> {
    using stack = new DisposableStack()
    const scratch = stack.use(new Scratch('knot'))
    mkdirSync(join(scratch.path, 'db'))
    const endpoint = await freeEndpoint()
    const config = scratch.write('knot.conf', configuration(scratch.path, endpoint, zones))
    const signed = zones.filter((zone) => zone.signed)
    for (const { name } of signed) keymgr(scratch, name, ['generate', ...KEY])
    for (const { name, content } of zones) {
      const text = content((zone) => dsOf(scratch, zone))
      scratch.write(fileOf(name), `$ORIGIN ${name}\n$TTL 300\n${text}`)
    }
    const server = await ChildServer.start({
      command: programOf('knot'),
      args: ['-c', config],
      logFile: null,
      ready: (output) =>
        zones.every(({ name }) => output.includes(`[${name}] loaded`)) &&
        signed.every(({ name }) => output.includes(`[${name}] zone file updated`)),
    })
    stack.move()
    return new Knot(scratch, endpoint, server)
  }

  /** The DS record (SHA-256) of a zone that this server signs. */
  ds(zone: string): string {
    return dsOf(this.#scratch, zone)
  }

  /** The master file of a zone as it is served, with its signatures. */
  served(zone: string): string {
    return readFileSync(join(this.#scratch.path, fileOf(zone)), 'utf8')
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

function configuration(folder: string, { host, port }: Endpoint, zones: readonly KnotZone[]): string {
  const sections = zones.map(
    ({ name, signed }) => `
  - domain: "${name}"
    file: "${fileOf(name)}"
    dnssec-signing: ${signed ? 'on' : 'off'}
    dnssec-policy: own`,
  )
  return `
server:
  rundir: "${folder}"
  listen: ${host}@${port}
log:
  - target: stderr
    any: info
database:
  storage: "${folder}/db"
  kasp-db-max-size: 10M
  journal-db-max-size: 10M
  timer-db-max-size: 10M
policy:
  - id: own
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
template:
  - id: default
    storage: "${folder}"
    zonefile-load: whole
    journal-content: none
    zonefile-sync: 0
zone:${sections.join('')}
`
}

function fileOf(zone: string): string {
  return `zone-${zone}`
}

function keymgr(scratch: Scratch, zone: string, args: readonly string[]): string {
  const program = join(dirname(programOf('knot')), 'keymgr')
  const config = join(scratch.path, 'knot.conf')
  return execFileSync(program, ['-c', config, zone, ...args], { encoding: 'utf8' })
}

function dsOf(scratch: Scratch, zone: string): string {
  const records = keymgr(scratch, zone, ['ds'])
  const record = records.split('\n').find((line) => / 13 2 /.test(line))
  if (record === undefined) throw new Error(`no SHA-256 DS among ${records}`)
  return record
}
