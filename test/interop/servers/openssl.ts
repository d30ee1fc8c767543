import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS } from '../../../src/lib/time.ts'
import { programOf } from './packages.ts'
import type { Scratch } from './scratch.ts'

/** A leaf certificate, in days from today. */
export interface LeafSpec {
  /** subjectAltName as OpenSSL writes it, e.g. `DNS:mx.example.com`; null: none at all. */
  readonly names: string | null
  readonly fromDays: number
  readonly toDays: number
  readonly signer: 'intermediate' | 'itself'
  /** leaf-only: the server forgets the intermediate. */
  readonly chain: 'full' | 'leaf-only'
}

const NEW_KEY = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
} as const

const CONFIG = (dir: string) => `
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[ca]
default_ca = issuing
[issuing]
database = ${dir}/index.txt
new_certs_dir = ${dir}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
[anything]
commonName = supplied
`

/**
 * A certification authority made by OpenSSL alone, so that nothing of ours vouches for ours: a root, an intermediate
 * and leaves, all with keys of one type.
 */
export class OpenSslAuthority {
  readonly rootPem: string
  readonly intermediatePem: string
  readonly #scratch: Scratch
  readonly #name: string
  #leaves = 0

  constructor(scratch: Scratch, name: string, key: keyof typeof NEW_KEY) {
    this.#scratch = scratch
    this.#name = name
    scratch.write(`${name}.cnf`, CONFIG(scratch.path))
    scratch.write('index.txt', '')
    const request = ['req', '-config', this.#file('cnf'), '-nodes', '-new', ...NEW_KEY[key]]
    const make = (subject: string, keyFile: string, out: string, more: readonly string[] = []) =>
      this.#openssl(
        ...request,
        ...more,
        '-subj',
        subject,
        '-keyout',
        this.#file(keyFile),
        '-out',
        this.#file(out),
      )
    make(`/CN=${name} Root`, 'root.key', 'root', ['-x509', '-extensions', 'authority', '-days', '3650'])
    make(`/CN=${name} Intermediate`, 'key', 'csr')
    const signer = ['-CA', this.#file('root'), '-CAkey', this.#file('root.key'), '-set_serial', '2']
    const extensions = ['-days', '3650', '-extfile', this.#file('cnf'), '-extensions', 'authority']
    this.#openssl(
      'x509',
      '-req',
      ...signer,
      ...extensions,
      '-in',
      this.#file('csr'),
      '-out',
      this.#file('crt'),
    )
    make('/CN=unused', 'leaf.key', 'csr')
    this.rootPem = readFileSync(this.#file('root'), 'utf8')
    this.intermediatePem = readFileSync(this.#file('crt'), 'utf8')
  }

  /** A file with the private key, the leaf for `host` and what else the server sends, in this order. */
  issue(host: string, overrides: Partial<LeafSpec> = {}): string {
    const spec: LeafSpec = {
      names: `DNS:${host}`,
      fromDays: -30,
      toDays: 60,
      signer: 'intermediate',
      chain: 'full',
      ...overrides,
    }
    this.#leaves += 1
    const name = `${this.#name}-${this.#leaves}`
    const leaf = this.#sign(name, host, spec)
    const above = spec.chain === 'full' && spec.signer !== 'itself' ? [this.#file('crt')] : []
    const parts = [this.#file('leaf.key'), leaf, ...above].map((file) => readFileSync(file))
    return this.#scratch.write(`${name}.pem`, Buffer.concat(parts))
  }

  /** The file of a certificate for the one key that all leaves share. */
  #sign(name: string, host: string, spec: LeafSpec): string {
    const request = join(this.#scratch.path, `${name}.csr`)
    const certificate = join(this.#scratch.path, `${name}.crt`)
    const key = this.#file('leaf.key')
    this.#openssl(
      'req',
      '-config',
      this.#file('cnf'),
      '-new',
      '-subj',
      `/CN=${host}`,
      '-key',
      key,
      '-out',
      request,
    )
    const names = spec.names === null ? [] : [`subjectAltName = ${spec.names}`]
    const extensions = this.#scratch.write(
      `${name}.ext`,
      ['basicConstraints = critical, CA:FALSE', 'extendedKeyUsage = serverAuth', ...names].join('\n'),
    )
    const signer =
      spec.signer === 'itself'
        ? ['-selfsign', '-keyfile', key]
        : ['-cert', this.#file('crt'), '-keyfile', this.#file('key')]
    const dates = ['-startdate', dateIn(spec.fromDays), '-enddate', dateIn(spec.toDays)]
    const files = ['-config', this.#file('cnf'), '-extfile', extensions, '-in', request, '-out', certificate]
    this.#openssl('ca', '-batch', '-notext', ...signer, ...dates, ...files)
    return certificate
  }

  #file(ending: string): string {
    return join(this.#scratch.path, `${this.#name}.${ending}`)
  }

  #openssl(...args: readonly string[]): void {
    execFileSync(programOf('openssl'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

/** `YYYYMMDDHHMMSSZ` */
function dateIn(days: number): string {
  const iso = new Date(Date.now() + days * DAY_MS).toISOString()
  return `${iso.slice(0, 19).replace(/\D/g, '')}Z`
}
