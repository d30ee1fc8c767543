import { generateKeyPair } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseWatchedName } from '../config/domain-hint.ts'
import { display } from '../lib/display.ts'
import { type Clock, systemClock } from '../lib/time.ts'
import { formatKeyRecord, keyRecordName } from '../protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { addressDomain, parseMailAddress } from '../protocol/mail-address.ts'
import { recordLines } from './dkim-record-lines.ts'
import { EXIT, type Io } from './io.ts'

export interface KeygenRequest {
  /** Null: the domain of MAIL_FROM. */
  readonly domain: string | null
  readonly directory: string
}

interface NewKey {
  readonly selector: string
  readonly file: string
  readonly record: string
}

const BITS = 2048

/**
 * `dkim keygen`: writes both keys (mode 0600, never over a file that is there) and prints what to publish and what to
 * put into .env. Exit status 0; 2 for a domain that is none; 78 when a file cannot be written.
 */
export async function dkimKeygenCommand(
  request: KeygenRequest,
  io: Io,
  clock: Clock = systemClock,
): Promise<number> {
  const domain = domainOf(request.domain, io)
  if (typeof domain === 'string') {
    io.err(`stswatch dkim keygen: ${domain}\n`)
    return EXIT.usage
  }
  const month = new Date(clock.now()).toISOString().slice(0, 7).replace('-', '')
  const keys: NewKey[] = []
  for (const [name, service] of [
    ['mail', null],
    ['tlsrpt', 'tlsrpt'],
  ] as const) {
    const selector = `${name}${month}`
    const file = join(request.directory, `dkim-${selector}.pem`)
    const publicKey = await writeNewKey(request.directory, file, io)
    if (publicKey === null) return EXIT.config
    keys.push({ selector, file, record: formatKeyRecord({ publicKey, service }) })
  }
  io.out(told(domain.name, keys))
  return EXIT.ok
}

function domainOf(wanted: string | null, io: Io): { readonly name: DomainName } | string {
  if (wanted !== null) {
    const name = parseWatchedName(wanted)
    return name === null ? `"${display(wanted)}" is no domain name; write it like example.net` : { name }
  }
  const sender = parseMailAddress(io.env.MAIL_FROM?.trim() ?? '')
  const name = sender === null ? null : parseDomainName(addressDomain(sender))
  return name === null ? 'which domain? Set MAIL_FROM, or say: --domain example.net' : { name }
}

/** The public half, or null after the reason was printed. */
async function writeNewKey(directory: string, file: string, io: Io): Promise<string | null> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const facts = readRsaPrivateKey(pem)
  if (!facts.ok) throw new Error(`a fresh key ${facts.error}`)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' })
    return facts.value.publicKey
  } catch (error) {
    io.err(`stswatch dkim keygen: ${whyNot(file, error as NodeJS.ErrnoException)}\n`)
    return null
  }
}

function whyNot(file: string, error: NodeJS.ErrnoException): string {
  return error.code === 'EEXIST'
    ? `${file} exists already and is not overwritten; move it away, or choose another --dir`
    : `${file} cannot be written (${error.code ?? error.message})`
}

function told(domain: DomainName, [mail, report]: readonly NewKey[]): string {
  if (mail === undefined || report === undefined) throw new Error('both keys are made')
  const lines = [
    `Two keys are made: ${mail.file} and ${report.file}`,
    '',
    'Mail to people and TLS reports need a key each: a record with s=tlsrpt is what RFC 8460 asks for, and what every',
    'other receiver must ignore.',
    '',
    'For all mail:',
    '',
    ...recordLines(keyRecordName(mail.selector, domain), mail.record),
    '',
    'For TLS reports:',
    '',
    ...recordLines(keyRecordName(report.selector, domain), report.record),
    '',
    'Add to .env once both are published:',
    '',
    `    DKIM_DOMAIN=${domain}`,
    `    DKIM_SELECTOR=${mail.selector}`,
    `    DKIM_KEY_FILE=${mail.file}`,
    `    DKIM_REPORT_SELECTOR=${report.selector}`,
    `    DKIM_REPORT_KEY_FILE=${report.file}`,
    '',
    'Then look at what is published: stswatch dkim check',
  ]
  return `${lines.join('\n')}\n`
}
