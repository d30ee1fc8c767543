import { Secret } from '../lib/secret.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { readSecretFile } from './secret-file.ts'

/** The keys that mail is signed with (RFC 6376), and the domain that vouches for it. */
export interface DkimSettings {
  readonly domain: DomainName
  /** Signs all mail; null: mail goes out unsigned. */
  readonly mail: DkimKeySettings | null
  /** For TLS reports alone (RFC 8460 §3: its record says s=tlsrpt); null: none. */
  readonly report: DkimKeySettings | null
}

export interface DkimKeySettings {
  readonly selector: string
  readonly keyFile: string
  /** PEM, RSA, at least 2048 bits. */
  readonly privateKey: Secret
}

/** Null when the text is fine, else what is wrong, to follow the name of the variable. */
type Complain = (text: string) => string | null

interface VariableReader {
  readonly problems: string[]
  text(name: string, complain: Complain): string | null
}

// RFC 6376 §3.1: labels with dots between them.
const SELECTOR = /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i
const SELECTOR_MAX = 100

/** Reads the DKIM_ variables; what is wrong with them goes to the reader's problems, and never a part of a key. */
export function readDkim(reader: VariableReader, mailFrom: string | null): DkimSettings | null {
  const domain = reader.text('DKIM_DOMAIN', (text) => domainComplaint(text, mailFrom))
  const before = reader.problems.length
  const mail = readKey(reader, 'DKIM_SELECTOR', 'DKIM_KEY_FILE')
  const report = readKey(reader, 'DKIM_REPORT_SELECTOR', 'DKIM_REPORT_KEY_FILE')
  const name = domain === null ? null : parseDomainName(domain)
  if (name !== null && mail === null && report === null && reader.problems.length === before) {
    reader.problems.push('DKIM_DOMAIN is set without a key; set DKIM_SELECTOR and DKIM_KEY_FILE as well')
  }
  if (domain === null && (mail ?? report) !== null && !reader.problems.some(isAboutDomain)) {
    reader.problems.push('DKIM_DOMAIN is not set; it names the domain that the keys are published in')
  }
  if (mail !== null && mail.selector === report?.selector) {
    reader.problems.push('DKIM_REPORT_SELECTOR must differ from DKIM_SELECTOR: each key has its own record')
  }
  return name === null || (mail ?? report) === null ? null : { domain: name, mail, report }
}

function isAboutDomain(problem: string): boolean {
  return problem.startsWith('DKIM_DOMAIN ')
}

function readKey(reader: VariableReader, selectorName: string, fileName: string): DkimKeySettings | null {
  const before = reader.problems.length
  const selector = reader.text(selectorName, selectorComplaint)
  const keyFile = reader.text(fileName, () => null)
  const privateKey = keyFile === null ? null : readKeyFile(reader, fileName, keyFile)
  if (selector !== null && keyFile !== null && privateKey !== null) return { selector, keyFile, privateKey }
  if ((selector === null) !== (keyFile === null) && reader.problems.length === before) {
    const [set, missing] = selector === null ? [fileName, selectorName] : [selectorName, fileName]
    reader.problems.push(`${missing} is not set, but ${set} is; a key needs both`)
  }
  return null
}

function readKeyFile({ problems }: VariableReader, name: string, file: string): Secret | null {
  const read = readSecretFile(file)
  const facts = read.ok ? readRsaPrivateKey(read.value) : null
  if (!read.ok) problems.push(`${name}: ${read.error}`)
  else if (facts?.ok === false) problems.push(`${name}: ${file} ${facts.error}`)
  return read.ok && facts?.ok === true ? new Secret(read.value) : null
}

const selectorComplaint: Complain = (text) =>
  text.length <= SELECTOR_MAX && SELECTOR.test(text)
    ? null
    : 'must be a selector such as mail2026 (letters, digits and hyphens)'

/** DMARC wants the signature of the sender's own domain, or of the organisation's (RFC 7489 §3.1.1). */
function domainComplaint(text: string, mailFrom: string | null): string | null {
  const domain = parseDomainName(text)
  if (domain === null || !domain.includes('.') || domain.includes('_')) {
    return 'must be a domain name such as example.net'
  }
  const sender = mailFrom === null ? null : parseDomainName(mailFrom.slice(mailFrom.indexOf('@') + 1))
  if (sender === null || sender === domain || sender.endsWith(`.${domain}`)) return null
  return `must be the domain of MAIL_FROM (${sender}) or a parent of it; receivers do not count another one`
}
