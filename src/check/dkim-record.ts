import { createPublicKey } from 'node:crypto'
import { display } from '../lib/display.ts'
import type { RecordDialect } from '../protocol/select-record.ts'
import { scanTagList } from '../protocol/tag-list.ts'

/** What a key is for: mail to people, or TLS reports (RFC 8460 §3). */
export type DkimUse = 'mail' | 'reports'

/** One complaint about a published key. */
export interface DkimProblem {
  /** Stable, kebab-case: `key-differs`. */
  readonly code: string
  /** error: no signature of this key counts. warning: some will not. info: worth knowing. */
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
}

export interface DkimJudgement {
  /** For which uses a signature of our key counts, as far as the record decides it. */
  readonly works: readonly DkimUse[]
  readonly problems: readonly DkimProblem[]
}

/** What the DNS has at `<selector>._domainkey.<domain>`. */
export interface PublishedDkim {
  /** One string per record, its character-strings joined; empty: there is none. */
  readonly records: readonly string[]
  /** The aliases that were followed. */
  readonly cnames: readonly string[]
}

// RFC 8301 §3.2: at least 1024 bits, or no verifier counts it; 2048 is what one should have.
const BITS_MIN = 1024
const BITS_WANTED = 2048

const DIALECT: RecordDialect = {
  version: 'v=DKIM1',
  required: 'p',
  owner: '_domainkey',
  standard: 'DKIM',
  rfc: 'RFC 6376 §3.6.1',
}

/** Judges the published record of a key of ours: `publicKey` is its public half (DER in base64), `use` what it is for. */
export function judgeDkimRecord(published: PublishedDkim, publicKey: string, use: DkimUse): DkimJudgement {
  const told = published.cnames.length > 0 ? [aliased(published.cnames)] : []
  const [record] = published.records
  if (record === undefined) return failed([...told, error('record-missing', 'There is no TXT record here.')])
  if (published.records.length > 1) {
    const message = `There are ${published.records.length} TXT records here, and a verifier may take any of them (RFC 6376 §3.6.2.2); keep the one with our key and delete the rest.`
    return failed([...told, error('record-multiple', message)])
  }
  return judgeTags(readTags(record), publicKey, use, told)
}

type Tags = ReadonlyMap<string, string>

function judgeTags(tags: Tags, publicKey: string, use: DkimUse, told: readonly DkimProblem[]): DkimJudgement {
  const broken = [...whyNoKey(tags), ...keyProblems(tags, publicKey)]
  const services = servicesOf(tags)
  const allowed = usesOf(services)
  const problems = [...told, ...broken, ...serviceProblems(services, use), ...flagProblems(tags)]
  return { works: broken.some(({ severity }) => severity === 'error') ? [] : allowed, problems }
}

/** The scanner's own complaints are about another grammar: DKIM allows blanks round "=" and base64 in values. */
function readTags(record: string): Tags {
  // RFC 6376 §3.6.1: v= may be left out.
  const text = /^[ \t]*v[ \t]*=/.test(record) ? record : `${DIALECT.version};${record}`
  const versionless = text.replace(/^[^;]*/, DIALECT.version)
  const { tags } = scanTagList({ text: versionless, line: 1 }, DIALECT)
  const version = /^[ \t]*v[ \t]*=([^;]*)/.exec(text)?.[1]?.trim() ?? ''
  return new Map([['v', version], ...tags.map(({ name, value }) => [name.trim(), value.trim()] as const)])
}

function whyNoKey(tags: Tags): readonly DkimProblem[] {
  const kind = tags.get('k') ?? 'rsa'
  const hashes = listOf(tags.get('h'))
  return [
    ...(tags.get('v') === 'DKIM1'
      ? []
      : [
          error(
            'version-unknown',
            `The record begins with "v=${display(tags.get('v') ?? '', 40)}"; it must be v=DKIM1.`,
          ),
        ]),
    ...(kind === 'rsa'
      ? []
      : [error('key-type', `The record says k=${display(kind, 40)}, but our key is RSA: k=rsa.`)]),
    ...(hashes.length === 0 || hashes.includes('sha256')
      ? []
      : [
          error(
            'hash-not-allowed',
            `The record allows the hashes "${display(hashes.join(':'), 60)}" alone; remove h= or add sha256.`,
          ),
        ]),
  ]
}

function keyProblems(tags: Tags, publicKey: string): readonly DkimProblem[] {
  const text = tags.get('p')
  if (text === undefined) return [error('key-missing', 'The record has no p=, which holds the key.')]
  const key = text.replace(/[ \t]/g, '')
  if (key === '')
    return [error('key-revoked', 'p= is empty, which says that the key is revoked (RFC 6376 §3.6.1).')]
  if (key === publicKey) return [...shortProblems(publicKey)]
  if (/["\\]/.test(key)) {
    return [
      error(
        'key-quoted',
        'Quotation marks or backslashes are part of the published key; enter the value without them.',
      ),
    ]
  }
  if (publicKey.startsWith(key)) {
    return [
      error(
        'key-cut',
        `The published key ends after ${key.length} of ${publicKey.length} characters; a record longer than 255 has to be entered in several strings.`,
      ),
    ]
  }
  const message =
    'The published key is another one than that of our file: signatures will not verify. Publish the record of our key, or use the file that belongs to the published one.'
  return [error('key-differs', message), ...shortProblems(key)]
}

function shortProblems(key: string): readonly DkimProblem[] {
  const bits = bitsOf(key)
  if (bits === null || bits >= BITS_WANTED) return []
  const message = `The published key has ${bits} bits; ${BITS_WANTED} are needed (RFC 8301 §3.2). Make a new one with: stswatch dkim keygen`
  return [
    bits < BITS_MIN
      ? error('key-too-short', message)
      : { code: 'key-too-short', severity: 'warning', message },
  ]
}

function bitsOf(key: string): number | null {
  try {
    const der = Buffer.from(key, 'base64')
    return (
      createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength ?? null
    )
  } catch {
    return null
  }
}

/** RFC 6376 §3.6.1 s=: without it the key is for every service. */
function servicesOf(tags: Tags): readonly string[] {
  const services = listOf(tags.get('s'))
  return services.length === 0 ? ['*'] : services
}

function usesOf(services: readonly string[]): readonly DkimUse[] {
  const everything = services.includes('*')
  return [
    ...(everything || services.includes('email') ? (['mail'] as const) : []),
    ...(everything || services.includes('tlsrpt') ? (['reports'] as const) : []),
  ]
}

function serviceProblems(services: readonly string[], use: DkimUse): readonly DkimProblem[] {
  const said = `s=${display(services.join(':'), 60)}`
  if (!usesOf(services).includes(use)) {
    const message =
      use === 'mail'
        ? `The record says ${said}: receivers of ordinary mail must ignore this key (RFC 6376 §3.6.1). Remove s= from it.`
        : `The record says ${said}: receivers of TLS reports ignore this key (RFC 8460 §3). Publish s=tlsrpt.`
    return [error('service-not-allowed', message)]
  }
  if (use === 'reports' && !services.includes('tlsrpt')) {
    const message =
      'The record does not say s=tlsrpt, which RFC 8460 §3 asks of a key for reports; receivers are known to take it all the same.'
    return [{ code: 'service-wider', severity: 'info', message }]
  }
  if (services.length > 1 && !services.includes('*')) {
    const message = `The record says ${said}; some verifiers (dkimpy) fail for a list of services. Leave s= out.`
    return [{ code: 'service-list', severity: 'warning', message }]
  }
  return []
}

function flagProblems(tags: Tags): readonly DkimProblem[] {
  if (!listOf(tags.get('t')).includes('y')) return []
  const message =
    'The record says t=y, "we are testing": receivers may treat signed mail as unsigned. Remove it when all works.'
  return [{ code: 'test-flag', severity: 'warning', message }]
}

function aliased(cnames: readonly string[]): DkimProblem {
  const message = `The name is an alias to ${display(cnames.at(-1) ?? '', 253)}, which is fine: the record there is what counts.`
  return { code: 'alias', severity: 'info', message }
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(':')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '')
}

function error(code: string, message: string): DkimProblem {
  return { code, severity: 'error', message }
}

function failed(problems: readonly DkimProblem[]): DkimJudgement {
  return { works: [], problems }
}
