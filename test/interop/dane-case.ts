import { createHash, type X509Certificate } from 'node:crypto'
import type { LeafSpec } from './servers/openssl.ts'

/** One domain with one mail host: what its zones hold and what its server shows. */
export interface MailCase {
  /** Its first label. */
  readonly id: string
  readonly zone: ZoneName
  /** Where the MX record points, given the domain. */
  readonly host: (domain: string) => string
  /** For the reader of the table: what stands in the DNS, and what the server shows. */
  readonly published: string
  readonly served: string
  readonly shows: Shown | 'no-starttls' | 'no-certificate'
  readonly lines: (place: Place, material: Material) => ZoneLines
  /** Why Postfix and the product may differ here, with the source; null: they may not. */
  readonly differs: string | null
}

/** secure.test is signed, plain.test is not, forged.test was changed after it was signed. */
export type ZoneName = 'secure' | 'plain' | 'forged'
export type ZoneLines = { readonly [Z in ZoneName]?: readonly string[] }

/** A leaf certificate and what is sent with it. */
export interface Shown {
  readonly by: 'own' | 'stranger'
  readonly leaf: Partial<Omit<LeafSpec, 'names' | 'chain'>>
  /** subjectAltName; null: none at all. */
  readonly names: (place: Place) => string | null
  readonly commonName: (place: Place) => string
  readonly above: readonly ('intermediate' | 'root' | 'stranger-intermediate')[]
  /** The only name under which it is shown, else a stranger's certificate; null: under any, and without one. */
  readonly sni: ((place: Place) => string) | null
}

export interface Place {
  readonly domain: string
  readonly host: string
  readonly address: string
  /** Where the servers listen. A sender with this port asks for `_port._tcp`, the product for `_25._tcp`. */
  readonly port: number
}

/** `leaf` is what the case's own server shows; nothing of the stranger's is ever sent unless the case says so. */
export interface Material {
  readonly leaf: X509Certificate
  readonly intermediate: X509Certificate
  readonly root: X509Certificate
  readonly stranger: X509Certificate
  readonly strangerIntermediate: X509Certificate
}

export const GOOD: Shown = {
  by: 'own',
  leaf: {},
  names: ({ host }) => `DNS:${host}`,
  commonName: ({ host }) => host,
  above: ['intermediate'],
  sni: null,
}

/** What most cases have in common. */
export const ORDINARY = {
  host: (domain: string) => `mx.${domain}`,
  served: 'valid chain',
  shows: GOOD,
  differs: null,
} as const

export const EXPIRED: Shown = { ...GOOD, leaf: { fromDays: -91, toDays: -1 } }
export const LEAF_ONLY: Shown = { ...GOOD, above: [] }
export const SELF_SIGNED: Shown = { ...LEAF_ONLY, leaf: { signer: 'itself' } }

/** A valid chain whose leaf has these names in the subjectAltName, and the host as its common name. */
export function named(names: Shown['names']): Shown {
  return { ...GOOD, names }
}

/** A valid chain whose leaf says nothing of the host at all. */
export const OTHER_NAME: Shown = {
  ...named(() => 'DNS:other.example.net'),
  commonName: () => 'other.example.net',
}

/** `usage selector matching data` for a certificate, worked out without any code of the product. */
export function tlsaOf(numbers: string, certificate: X509Certificate): string {
  const [, selector, matching] = numbers.split(' ').map(Number)
  const bytes =
    selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  if (matching === 0) return `${numbers} ${bytes.toString('hex')}`
  const digest = createHash(matching === 1 ? 'sha256' : 'sha512')
  return `${numbers} ${digest.update(bytes).digest('hex')}`
}

export type Records = (material: Material) => readonly string[]

export const ee: Records = ({ leaf }) => [tlsaOf('3 1 1', leaf)]
export const wrong: Records = ({ stranger }) => [tlsaOf('3 1 1', stranger)]
export const anchor: Records = ({ intermediate }) => [tlsaOf('2 1 1', intermediate)]

export function mx({ domain, host }: Place): string {
  return `${domain}. MX 10 ${host}.`
}

export function a({ host, address }: Place): string {
  return `${host}. A ${address}`
}

/** Records of a host for port 25 and for the port that the servers really have. */
export function tlsa({ port }: Place, base: string, rdata: readonly string[]): readonly string[] {
  return [25, port].flatMap((number) => rdata.map((data) => `_${number}._tcp.${base}. TLSA ${data}`))
}

/** The same for an alias at the TLSA owner. */
export function tlsaAlias({ port }: Place, base: string, target: string): readonly string[] {
  return [25, port].map((number) => `_${number}._tcp.${base}. CNAME ${target}.`)
}

/** The ordinary way: MX, address and records of the host in the domain's own zone. */
export function together(zone: ZoneName, records: Records) {
  return {
    zone,
    lines: (place: Place, material: Material): ZoneLines => ({
      [zone]: [mx(place), a(place), ...tlsa(place, place.host, records(material))],
    }),
  }
}
