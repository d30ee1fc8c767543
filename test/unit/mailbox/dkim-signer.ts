import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A DKIM signer of the tests' own, written from RFC 6376 §3.4 and §3.7 alone. */
export interface SignSpec {
  readonly domain: string
  readonly selector: string
  readonly key: KeyObject
  /** a=; from the key unless given. */
  readonly algorithm?: string
  /** header/body */
  readonly canonicalization?: string
  readonly headers?: readonly string[]
  /** Tags put before bh= as they are: `l=0; x=1`. */
  readonly extra?: string
  /** How many bytes of the canonicalized body are hashed. */
  readonly bodyBytes?: number
  /** Replaces whole tags of the signature before it is signed. */
  readonly rewrite?: (header: string) => string
}

export const SIGNED_HEADERS = ['From', 'To', 'Subject', 'Date', 'TLS-Report-Domain', 'TLS-Report-Submitter']

/** The mail with one more DKIM-Signature on top. */
export function signed(mail: Buffer, spec: SignSpec): Buffer {
  const text = mail.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const fields = text.slice(0, end).split(/\r\n(?![ \t])/)
  const [header = 'relaxed', body = 'relaxed'] = (spec.canonicalization ?? 'relaxed/relaxed').split('/')
  const algorithm = spec.algorithm ?? (spec.key.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256')
  const hash = algorithm.endsWith('sha1') ? 'sha1' : 'sha256'
  const names = spec.headers ?? SIGNED_HEADERS
  const canonical = canonicalBody(text.slice(end + 4), body).slice(0, spec.bodyBytes)
  const bodyHash = createHash(hash).update(canonical, 'latin1').digest('base64')
  const tags = [
    `v=1; a=${algorithm}; c=${header}/${body}; d=${spec.domain}; s=${spec.selector};`,
    ` h=${names.join(':')};`,
    ...(spec.extra === undefined ? [] : [` ${spec.extra};`]),
    ` bh=${bodyHash};`,
    ' b=',
  ]
  const unsigned = (spec.rewrite ?? ((same) => same))(`DKIM-Signature: ${tags.join('\r\n')}`)
  const chosen = pick(names, fields).map((field) => `${canonicalField(field, header)}\r\n`)
  const data = Buffer.from(chosen.join('') + canonicalField(unsigned, header), 'latin1')
  const isRsa = spec.key.asymmetricKeyType === 'rsa'
  const signature = isRsa
    ? sign(hash, data, spec.key)
    : sign(null, createHash('sha256').update(data).digest(), spec.key)
  return Buffer.concat([Buffer.from(`${unsigned}${signature.toString('base64')}\r\n`, 'latin1'), mail])
}

function pick(names: readonly string[], fields: readonly string[]): readonly string[] {
  const rest = [...fields]
  return names.flatMap((name) => {
    const at = rest.findLastIndex((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    return at === -1 ? [] : rest.splice(at, 1)
  })
}

function canonicalField(field: string, way: string): string {
  if (way === 'simple') return field
  const colon = field.indexOf(':')
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ')
  return `${field.slice(0, colon).trim().toLowerCase()}:${value.replace(/^ | $/g, '')}`
}

function canonicalBody(body: string, way: string): string {
  const lines = body.split('\r\n')
  if (lines.at(-1) === '') lines.pop()
  const kept = way === 'simple' ? lines : lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  while (kept.at(-1) === '') kept.pop()
  if (kept.length === 0) return way === 'simple' ? '\r\n' : ''
  return `${kept.join('\r\n')}\r\n`
}

export interface TestKey {
  readonly privateKey: KeyObject
  /** The value of p=. */
  readonly p: string
}

export function rsaKey(bits: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return { privateKey, p: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }
}

export function ed25519Key(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, p: der.subarray(-32).toString('base64') }
}

/** The same RSA key as RFC 6376 §3.6.1 words it: RSAPublicKey. */
export function bareRsaKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { privateKey, p: publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64') }
}
