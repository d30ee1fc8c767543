import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { systemClock } from '../../src/lib/time.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import type { MailCase, Material, Place, ZoneLines, ZoneName } from './dane-case.ts'
import { SIGNED_ADDRESS, SIGNED_DIGEST, SIGNED_PREFERENCE } from './dane-dns-cases.ts'
import type { RealWorld } from './look-at.ts'
import { freeColumn } from './servers/free-endpoints.ts'
import { APEX, Knot } from './servers/knot.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { Postfix, type SmtpdSettings } from './servers/postfix.ts'
import { PosttlsFinger } from './servers/posttls-finger.ts'
import { Scratch } from './servers/scratch.ts'
import { Unbound } from './servers/unbound.ts'
import { parent } from './zone-tree.ts'

/** Every case with a real server of its own, behind one real resolver that validates. */
export interface DaneWorld extends AsyncDisposable {
  readonly finger: PosttlsFinger
  /** PEM file of the one root that counts. */
  readonly rootFile: string
  /** What the product's probe looks at. */
  readonly real: RealWorld
  place(id: string): Place
}

interface Issued {
  readonly place: Place
  readonly settings: SmtpdSettings
  readonly material: Material
}

export async function startDaneWorld(cases: readonly MailCase[]): Promise<DaneWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const scratch = stack.use(new Scratch('dane'))
    const column = await freeColumn(cases.length)
    const issuing = startIssuing(scratch)
    const { rootPem } = issuing.authorities.own
    const issued = new Map(
      cases.map((one, index) => [one.id, issue(issuing, one, placeOf(one, column[index]))]),
    )
    const services = Object.fromEntries([...issued].map(([id, { settings }]) => [id, settings]))
    const at = new Map(cases.map(({ id }, index) => [id, column[index] ?? { host: '', port: 0 }]))
    stack.use(await Postfix.start({ services, at }))
    const unbound = stack.use(await startDns(stack, cases, issued))
    const { host: address, port } = unbound.endpoint
    return {
      finger: new PosttlsFinger(scratch, unbound.endpoint),
      rootFile: scratch.write('own-root.pem', rootPem),
      real: {
        resolver: createResolver({
          servers: [{ address, port, trusted: true }],
          clock: systemClock,
          limits: DEFAULT_LIMITS.dns,
        }),
        servers: Object.fromEntries(column.map((endpoint) => [`${endpoint.host} 25`, endpoint])),
        roots: [rootPem],
      },
      place: (id) => issuedOf(issued, id).place,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

function placeOf(
  { id, zone, host }: MailCase,
  endpoint: { readonly host: string; readonly port: number } | undefined,
): Place {
  if (endpoint === undefined) throw new Error('too few free ports')
  const domain = `${id}.${zone}.test`
  return { domain, host: host(domain), address: endpoint.host, port: endpoint.port }
}

interface Authorities {
  readonly own: OpenSslAuthority
  readonly stranger: OpenSslAuthority
}

interface Issuing {
  readonly scratch: Scratch
  readonly authorities: Authorities
  readonly certificates: Omit<Material, 'leaf'>
  /** What a server shows that has nothing better under the name that it is asked for. */
  readonly strangerFile: string
}

function startIssuing(scratch: Scratch): Issuing {
  const own = new OpenSslAuthority(scratch, 'own', 'ec')
  const stranger = new OpenSslAuthority(scratch, 'stranger', 'ec')
  const strangerFile = stranger.issue('stranger.example.net')
  return {
    scratch,
    authorities: { own, stranger },
    certificates: {
      intermediate: new X509Certificate(own.intermediatePem),
      root: new X509Certificate(own.rootPem),
      stranger: new X509Certificate(readFileSync(strangerFile)),
      strangerIntermediate: new X509Certificate(stranger.intermediatePem),
    },
    strangerFile,
  }
}

function issue(issuing: Issuing, { id, shows }: MailCase, place: Place): Issued {
  const { scratch, authorities, certificates, strangerFile } = issuing
  if (typeof shows === 'string') {
    return { place, settings: WITHOUT[shows], material: { ...certificates, leaf: certificates.stranger } }
  }
  const authority = authorities[shows.by]
  const { intermediatePem, rootPem } = authority
  const names = shows.names(place)
  const file = authority.issue(shows.commonName(place), { ...shows.leaf, names, chain: 'leaf-only' })
  const above = {
    intermediate: intermediatePem,
    root: rootPem,
    'stranger-intermediate': authorities.stranger.intermediatePem,
  }
  const leaf = readFileSync(file, 'utf8')
  const chain = scratch.write(`${id}.pem`, [leaf, ...shows.above.map((which) => above[which])].join(''))
  const settings =
    shows.sni === null
      ? showing(chain)
      : { ...showing(strangerFile), tls_server_sni_maps: `inline:{ { ${shows.sni(place)} = ${chain} } }` }
  return { place, settings, material: { ...certificates, leaf: new X509Certificate(leaf) } }
}

function showing(file: string): SmtpdSettings {
  return { smtpd_tls_security_level: 'may', smtpd_tls_chain_files: file }
}

const WITHOUT = {
  'no-starttls': { smtpd_tls_security_level: 'none' },
  'no-certificate': showing('/nonexistent.pem'),
} as const

function issuedOf(issued: ReadonlyMap<string, Issued>, id: string): Issued {
  const one = issued.get(id)
  if (one === undefined) throw new Error(`there is no case ${id}`)
  return one
}

const LAME = '_tcp.mx.tlsa-servfail.secure.test.'

async function startDns(
  stack: AsyncDisposableStack,
  cases: readonly MailCase[],
  issued: ReadonlyMap<string, Issued>,
): Promise<Unbound> {
  const lines = cases.map((one): ZoneLines => {
    const { place, material } = issuedOf(issued, one.id)
    return one.lines(place, material)
  })
  const content = (zone: ZoneName) => () => `${APEX}${lines.flatMap((one) => one[zone] ?? []).join('\n')}\n`
  const signed = ['secure.test.', 'forged.test.']
  const main = stack.use(
    await Knot.start([
      { name: 'secure.test.', signed: true, content: content('secure') },
      { name: 'plain.test.', signed: false, content: content('plain') },
      { name: 'forged.test.', signed: true, content: content('forged') },
      { name: 'test.', signed: true, content: parent(signed, ['plain.test.'], () => '') },
      { name: '.', signed: true, content: parent(['test.'], [], () => '') },
    ]),
  )
  const forged = forge(main.served('forged.test.'), issued)
  const forger = stack.use(await Knot.start([{ name: 'forged.test.', signed: false, content: () => forged }]))
  const served = ['.', 'test.', 'secure.test.', 'plain.test.'].map((zone) => [zone, main.endpoint])
  return await Unbound.start({
    // The forger has no zone of that name and refuses: a lame delegation.
    zones: { ...Object.fromEntries(served), 'forged.test.': forger.endpoint, [LAME]: forger.endpoint },
    trustAnchor: main.ds('.'),
    extendedErrors: false,
    port: 53,
  })
}

/** What was signed is not what is served: each lie would lead a sender that does not validate to a server that fits. */
function forge(zone: string, issued: ReadonlyMap<string, Issued>): string {
  const { publicKey } = issuedOf(issued, 'tlsa-forged').material.leaf
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const lies: readonly (readonly [RegExp, string])[] = [
    [new RegExp(SIGNED_DIGEST, 'gi'), createHash('sha256').update(spki).digest('hex')],
    [new RegExp(SIGNED_ADDRESS, 'g'), issuedOf(issued, 'address-forged').place.address],
    [new RegExp(`(?<=MX\\s+)${SIGNED_PREFERENCE}(?=\\s)`, 'g'), '10'],
  ]
  return lies.reduce((text, [truth, lie]) => {
    const forged = text.replace(truth, lie)
    if (forged === text) throw new Error(`the signed zone does not hold ${truth.source}`)
    return forged
  }, zone)
}
