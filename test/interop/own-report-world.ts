import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dkimKeygenCommand } from '../../src/cli/dkim-keygen.ts'
import { systemClock } from '../../src/lib/time.ts'
import { selfVerify } from '../../src/mail/self-verify.ts'
import type { Endpoint, Route } from '../../src/model/route.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import { keyRecordName, keyRecordZoneLine } from '../../src/protocol/dkim/format-key-record.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { capturedIo } from '../unit/cli/captured-io.ts'
import type { DkimVerifier } from './dkim-verifier.ts'
import { eventually } from './eventually.ts'
import { Dovecot } from './servers/dovecot.ts'
import { freeEndpoint, freeEndpoints } from './servers/free-endpoints.ts'
import { APEX, Knot } from './servers/knot.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { Postfix, type SmtpdSettings } from './servers/postfix.ts'
import { Scratch } from './servers/scratch.ts'
import { Unbound } from './servers/unbound.ts'

/** Who reports. */
export const SUBMITTER = 'monitor.example' as DomainName
export const PASSWORD = 'only for this test'
const HOST = 'localhost'

/** A server that takes mail, each by a name that is a mail domain and a folder of the mailbox too. */
export type Service = keyof ReturnType<typeof servicesOf>

/** What a DKIM key record of ours may look like to others: as `dkim keygen` prints it, or not. */
export type Published = 'as-printed' | 'nowhere' | 'for-mail-alone' | 'another-key' | 'withdrawn'

export interface Selectors {
  readonly mail: string
  /** Of the key for reports, for each way in which it is published. */
  readonly report: Readonly<Record<Published, string>>
}

export interface ReportWorld extends AsyncDisposable {
  readonly postfix: Postfix
  readonly dovecot: Dovecot
  /** Where names are looked up. */
  readonly dns: Endpoint
  /** PEM, for the servers of one's own. */
  readonly ca: string
  /** From the mail hosts' public addresses to the real servers. */
  readonly route: Route
  /** What `dkim keygen` says is to be put into .env, and MAIL_FROM. */
  readonly env: Readonly<Record<string, string>>
  readonly selectors: Selectors
  /** From now on the mail host of `service` is this other server. */
  moveHost(service: Service, to: Service): void
  /** mailauth, with the records that the product's resolver finds. */
  readonly mailauth: DkimVerifier
  /** The mails for `service` as they lie in the Maildir, but for line ends, once there are `count`. */
  maildir(service: Service, count: number): Promise<readonly string[]>
}

export function ruaOf(service: Service): string {
  return `mailto:reports@${mailDomain(service)}`
}

/** Real DNS, mail hosts good and bad, and a mailbox that all of them deliver to. */
export async function startReportWorld(): Promise<ReportWorld> {
  const stack = new AsyncDisposableStack()
  try {
    const scratch = stack.use(new Scratch('own-report'))
    const authority = new OpenSslAuthority(scratch, 'ec', 'ec')
    const services = servicesOf(authority, new OpenSslAuthority(scratch, 'stranger', 'ec'))
    const names = Object.keys(services) as Service[]
    const keys = await makeKeys(join(scratch.path, 'keys'))
    const dns = await startDns(zoneOf(names, keys.records), stack)
    const postfix = stack.use(
      await Postfix.start({ services, main: mainOf(names), at: await placesOf(names) }),
    )
    const maildir = join(postfix.mailboxes, 'inbox')
    const settings = [`mail_location = maildir:${maildir}`]
    const identity = authority.issue(HOST)
    const dovecot = stack.use(await Dovecot.start({ identity, password: PASSWORD, settings }))
    const hosts = new Map(names.map((name, index) => [`${addressOf(index)} 25`, name]))
    return {
      postfix,
      dovecot,
      dns,
      ca: authority.rootPem,
      env: { ...keys.env, MAIL_FROM: `tls-reports@${SUBMITTER}` },
      selectors: keys.selectors,
      route(address, port) {
        const service = hosts.get(`${address} ${port}`)
        return service === undefined ? 'refused' : postfix.endpoint(service)
      },
      mailauth: mailauthWith(dns, keys.selectors),
      moveHost: (service, to) => hosts.set(`${addressOf(names.indexOf(service))} 25`, to),
      maildir: (service, count) => mailsIn(join(maildir, `.${service}`), count),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function startDns(zone: string, stack: AsyncDisposableStack): Promise<Endpoint> {
  const knot = stack.use(await Knot.start([{ name: '.', signed: true, content: () => zone }]))
  const zones = { '.': knot.endpoint }
  const unbound = stack.use(await Unbound.start({ zones, trustAnchor: knot.ds('.'), extendedErrors: false }))
  return unbound.endpoint
}

/** Only the one whose certificate is looked at has to be where its name leads. */
async function placesOf(names: readonly Service[]): Promise<ReadonlyMap<Service, Endpoint>> {
  const free = await freeEndpoints(names.length)
  const named = await freeEndpoint('127.0.0.1')
  return new Map(names.map((name, index) => [name, name === 'submissions' ? named : (free[index] ?? named)]))
}

function servicesOf(authority: OpenSslAuthority, stranger: OpenSslAuthority) {
  const showing = (file: string): SmtpdSettings => ({
    smtpd_tls_security_level: 'encrypt',
    smtpd_tls_chain_files: file,
  })
  const good = authority.issue(HOST)
  const own = (service: string) => mxHost(service)
  const plain = { smtpd_tls_security_level: 'none' }
  return {
    submission: showing(good),
    submissions: { ...showing(good), smtpd_tls_wrappermode: 'yes' },
    'self-signed': showing(authority.issue(own('self-signed'), { signer: 'itself' })),
    expired: showing(authority.issue(own('expired'), { fromDays: -91, toDays: -1 })),
    'wrong-name': showing(authority.issue('mail.example.net')),
    'unknown-root': showing(stranger.issue(own('unknown-root'))),
    'no-starttls': plain,
    // We speak nothing so old.
    'broken-tls': { ...showing(good), smtpd_tls_security_level: 'may', smtpd_tls_protocols: 'TLSv1' },
    'broken-and-wanted': { ...showing(good), smtpd_tls_mandatory_protocols: 'TLSv1' },
    bytes: plain,
    held: plain,
    twice: plain,
    canary: plain,
    grey: {
      ...plain,
      smtpd_recipient_restrictions: 'check_recipient_access static:{450 4.2.0 Greylisted come back later}',
    },
    refusing: plain,
    small: { ...plain, message_size_limit: '1000' },
  } satisfies Readonly<Record<string, SmtpdSettings>>
}

/** Maildirs for all but the one that knows nobody. */
function mainOf(names: readonly Service[]): SmtpdSettings {
  const maildirs = names
    .filter((name) => name !== 'refusing')
    .map((name) => `{ reports@${mailDomain(name)} = inbox/.${name}/ }`)
  return {
    virtual_mailbox_domains: names.map(mailDomain).join(', '),
    virtual_mailbox_maps: `inline:{ ${maildirs.join(', ')} }`,
    smtpd_tls_received_header: 'yes',
  }
}

interface Keys {
  readonly env: Readonly<Record<string, string>>
  /** Lines of a zone file. */
  readonly records: readonly string[]
  readonly selectors: Selectors
}

/** What `dkim keygen` prints, and the same keys under more selectors in other records. */
async function makeKeys(directory: string): Promise<Keys> {
  const { io, said } = capturedIo()
  const status = await dkimKeygenCommand({ domain: SUBMITTER, directory }, io)
  if (status !== 0) throw new Error(`keygen ended with ${status}: ${said.err}`)
  const [mail = '', report = ''] = all(said.out, /^ {4}value {2}(.*)$/gm)
  const env = Object.fromEntries(
    all(said.out, /^ {4}(DKIM_\w+=.*)$/gm).map((line) => line.split('=') as [string, string]),
  )
  const others = {
    'for-mail-alone': report.replace('s=tlsrpt', 's=email'),
    'another-key': mail.replace('p=', 's=tlsrpt; p='),
    withdrawn: report.replace(/p=.*/, 'p='),
  }
  const more = Object.entries(others).map(([published, record]) =>
    keyRecordZoneLine(keyRecordName(published, SUBMITTER), record),
  )
  const [mailSelector = '', reportSelector = ''] = all(said.out, /^ {4}DKIM_\w*SELECTOR=(.*)$/gm)
  return {
    env,
    records: [...all(said.out, /^ {4}(\S+ IN TXT .*)$/gm), ...more],
    selectors: {
      mail: mailSelector,
      report: {
        'as-printed': reportSelector,
        nowhere: 'nowhere',
        'for-mail-alone': 'for-mail-alone',
        'another-key': 'another-key',
        withdrawn: 'withdrawn',
      },
    },
  }
}

/** What the only group of `pattern` holds, each time. */
function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found)
}

function mailauthWith({ host, port }: Endpoint, { mail, report }: Selectors): DkimVerifier {
  const limits = DEFAULT_LIMITS.dns
  const servers = [{ address: host, port, trusted: true }]
  const resolver = createResolver({ servers, clock: systemClock, limits })
  return async (raw) => {
    const records = new Map<string, string>()
    for (const selector of [mail, report['as-printed']]) {
      const name = keyRecordName(selector, SUBMITTER)
      const look = await resolver.txt(name, new AbortController().signal)
      if (look.outcome === 'seen') records.set(name, look.value.records.join())
    }
    const checked = await selfVerify(raw, records)
    return Object.fromEntries(checked.map(({ selector, why }) => [selector, why ?? 'pass']))
  }
}

/** One zone is the whole internet: a mail host for each service, and the keys. */
function zoneOf(names: readonly Service[], keys: readonly string[]): string {
  const hosts = names.flatMap((name, index) => [
    `${mailDomain(name)}. MX 10 ${mxHost(name)}.`,
    `${mxHost(name)}. A ${addressOf(index)}`,
  ])
  return `${APEX}${[...hosts, ...keys].join('\n')}\n`
}

function mailDomain(service: string): string {
  return `${service}.example`
}

function mxHost(service: string): string {
  return `mx.${mailDomain(service)}`
}

function addressOf(index: number): string {
  return `192.0.2.${index + 1}`
}

async function mailsIn(maildir: string, count: number): Promise<readonly string[]> {
  const files = () =>
    ['new', 'cur'].flatMap((name) => {
      const folder = join(maildir, name)
      return existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []
    })
  await eventually(() => files().length >= count)
  return files().map((file) => readFileSync(file, 'latin1').replaceAll('\n', '\r\n'))
}
