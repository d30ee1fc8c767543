import { err, ok, type Result } from '../lib/result.ts'
import { Secret } from '../lib/secret.ts'
import { parseAccountUrl } from '../protocol/imap/account-url.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import { parseMailAddress } from '../protocol/mail-address.ts'
import { parseSubmissionUrl } from '../protocol/smtp/submission-url.ts'
import { type DkimSettings, readDkim } from './dkim-env.ts'
import { isLoopback } from './resolver-config.ts'
import { readSecretFile } from './secret-file.ts'

/** What the environment gives: secrets and the places of this installation. */
export interface Env {
  readonly configFile: string
  readonly databaseFile: string
  readonly slackToken: Secret | null
  /** For buttons, by Socket Mode; null: messages have none. */
  readonly slackAppToken: Secret | null
  /** Base URL of the Web API, ending in a slash; null: Slack's own. */
  readonly slackApiUrl: string | null
  readonly smtpUrl: Secret | null
  /** The sender of alerts, a bare address. */
  readonly mailFrom: string | null
  /** The mailbox of TLS reports; it holds a password exactly when there is no token. */
  readonly imapUrl: Secret | null
  readonly imapAccessToken: SecretSource | null
  /** Null: mail goes out unsigned. */
  readonly dkim: DkimSettings | null
  /** By variable name: every `…_WEBHOOK_URL`. */
  readonly webhookUrls: ReadonlyMap<string, Secret>
  /** By the name of the URL's variable: what `…_WEBHOOK_SECRET` holds. */
  readonly webhookSigningKeys: ReadonlyMap<string, Secret>
  /** Pinged every minute while all is well; null: nobody waits for it. */
  readonly heartbeatUrl: Secret | null
  /** Where `run` answers /healthz; null: nowhere. */
  readonly listen: { readonly host: string; readonly port: number } | null
  readonly lab: boolean
}

/**
 * A secret that may change while we run: something else renews its file. Each call reads it anew; the error names the
 * variable and what is wrong, and nothing of the value.
 */
export type SecretSource = () => Result<Secret, string>

/** The environment as the process has it. Nothing else in the program reads it. */
export type Variables = Readonly<Record<string, string | undefined>>

const SLACK_API_URL = 'https://slack.com/api/'
const WEBHOOK_URL = /^[A-Z][A-Z0-9_]*_WEBHOOK_URL$/
/** Each can be given as `NAME_FILE` too: the path of a file with the value. */
const SECRET_NAME =
  /^(?:SLACK_(?:BOT|APP)_TOKEN|SMTP_URL|IMAP_URL|IMAP_ACCESS_TOKEN|HEARTBEAT_URL|[A-Z][A-Z0-9_]*_WEBHOOK_(?:URL|SECRET))$/

/** True when STSWATCH_LAB is set: the simulated internet on loopback (S29). */
export function isLab(variables: Variables): boolean {
  return variables.STSWATCH_LAB === '1'
}

/**
 * Reads the environment, or says everything that is wrong with it: one sentence each, beginning with the variable, and
 * never with any part of a value that is secret.
 */
export function readEnv(variables: Variables): Result<Env, readonly string[]> {
  const reader = new EnvReader(variables)
  const lab = reader.flag('STSWATCH_LAB')
  const webhookUrls = [...reader.names(WEBHOOK_URL)]
  const mailFrom = reader.text('MAIL_FROM', mailFromComplaint)
  const env: Env = {
    configFile: reader.text('WATCH_CONFIG') ?? 'config/watch.yaml',
    databaseFile: reader.text('DATABASE_FILE') ?? 'data/stswatch.db',
    slackToken: reader.secret('SLACK_BOT_TOKEN', slackTokenComplaint),
    slackAppToken: reader.secret('SLACK_APP_TOKEN', slackAppTokenComplaint),
    slackApiUrl: reader.text('SLACK_API_URL', (url) => slackApiComplaint(url, lab)),
    smtpUrl: reader.secret('SMTP_URL', smtpComplaint),
    imapUrl: reader.secret('IMAP_URL', imapComplaint),
    imapAccessToken: reader.renewed('IMAP_ACCESS_TOKEN', accessTokenComplaint),
    mailFrom,
    dkim: readDkim(reader, mailFrom),
    webhookUrls: reader.secrets(webhookUrls, (name) => name, webhookComplaint),
    webhookSigningKeys: reader.secrets(webhookUrls, secretNameOf, webhookSecretComplaint),
    heartbeatUrl: reader.secret('HEARTBEAT_URL', webhookComplaint),
    listen: readListen(reader),
    lab,
  }
  const lacksBot = ['SLACK_BOT_TOKEN', 'SLACK_BOT_TOKEN_FILE'].every((name) => reader.text(name) === null)
  const lonely = env.slackAppToken !== null && lacksBot
  const problems = [
    ...reader.problems,
    ...(lonely ? ['SLACK_APP_TOKEN is of no use without SLACK_BOT_TOKEN'] : []),
    ...(lab ? labComplaints(env) : []),
    ...(reader.problems.length === 0 ? loginComplaints(env) : []),
  ]
  return problems.length === 0 ? ok(Object.freeze(env)) : err(problems)
}

/** PORT alone is on this machine only: what it says is nobody else's business unless HOST says so. */
function readListen(reader: EnvReader): Env['listen'] {
  const host = reader.text('HOST', (text) => (parseIpAddress(text) === null ? 'must be an IP address' : null))
  const port = reader.text('PORT', (text) =>
    /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
      ? null
      : 'must be a port from 1 to 65535',
  )
  return port === null ? null : { host: host ?? '127.0.0.1', port: Number(port) }
}

/** Deletes every secret from the environment once it has been read, so that no child and no crash dump has it (S45). */
export function forgetSecrets(variables: Record<string, string | undefined>): void {
  for (const name of Object.keys(variables)) {
    if (SECRET_NAME.test(name)) delete variables[name]
  }
}

/** Null when the text is fine, else what is wrong, to follow the name of the variable. */
type Complain = (text: string) => string | null

class EnvReader {
  readonly problems: string[] = []
  readonly #variables: Variables

  constructor(variables: Variables) {
    this.#variables = variables
  }

  /** Empty counts as unset: that is what `NAME=` in a .env file means. */
  text(name: string, complain: Complain = () => null): string | null {
    const value = this.#variables[name]?.trim() ?? ''
    if (value === '') return null
    const complaint = complain(value)
    if (complaint === null) return value
    this.problems.push(`${name} ${complaint}`)
    return null
  }

  flag(name: string): boolean {
    const value = this.text(name)
    if (value !== null && value !== '0' && value !== '1') this.problems.push(`${name} must be 1, 0 or empty`)
    return value === '1'
  }

  /** The names that match and are set, directly or by file. */
  names(pattern: RegExp): ReadonlySet<string> {
    const names = Object.keys(this.#variables).map((name) => name.replace(/_FILE$/, ''))
    return new Set(names.filter((name) => pattern.test(name)))
  }

  secrets(
    keys: readonly string[],
    variableOf: (key: string) => string,
    complain: Complain,
  ): ReadonlyMap<string, Secret> {
    const found = new Map<string, Secret>()
    for (const key of keys) {
      const secret = this.secret(variableOf(key), complain)
      if (secret !== null) found.set(key, secret)
    }
    return found
  }

  secret(name: string, complain: Complain): Secret | null {
    const read = this.renewed(name, complain)?.()
    return read?.ok ? read.value : null
  }

  /** Read once now, so that what is wrong is told at the start; the file is read again at each call. */
  renewed(name: string, complain: Complain): SecretSource | null {
    const fileName = `${name}_FILE`
    const direct = this.text(name)
    const file = this.text(fileName)
    if (direct === null && file === null) return null
    if (direct !== null && file !== null) {
      this.problems.push(`${name} and ${fileName} are both set; keep one`)
      return null
    }
    const source: SecretSource =
      file === null
        ? () => checked(name, direct ?? '', complain)
        : () => readChecked(fileName, file, complain)
    const first = source()
    if (!first.ok) this.problems.push(first.error)
    return first.ok ? source : null
  }
}

function readChecked(name: string, file: string, complain: Complain): Result<Secret, string> {
  const read = readSecretFile(file)
  return read.ok ? checked(name, read.value, complain) : err(`${name}: ${read.error}`)
}

function checked(name: string, value: string, complain: Complain): Result<Secret, string> {
  const complaint = complain(value)
  return complaint === null ? ok(new Secret(value)) : err(`${name} ${complaint}`)
}

function secretNameOf(urlName: string): string {
  return urlName.replace(/_URL$/, '_SECRET')
}

const slackTokenComplaint: Complain = (text) => {
  if (text.startsWith('xapp-')) return 'is an app-level token; the bot token begins with xoxb-'
  if (text.startsWith('xoxp-')) return 'is a user token; the bot token begins with xoxb-'
  return /^xoxb-[\w-]+$/.test(text) ? null : 'is no bot token; one begins with xoxb- (docs/slack.md)'
}

const slackAppTokenComplaint: Complain = (text) => {
  if (text.startsWith('xoxb-')) return 'is the bot token; the app-level token begins with xapp-'
  return /^xapp-[\w-]+$/.test(text)
    ? null
    : 'is no app-level token; one begins with xapp- and has the scope connections:write (docs/slack.md)'
}

function slackApiComplaint(text: string, lab: boolean): string | null {
  const url = URL.parse(text)
  if (url === null || !text.endsWith('/')) return `must be a URL that ends in /, such as ${SLACK_API_URL}`
  return url.protocol === 'https:' || (lab && isLoopbackHost(url.hostname))
    ? null
    : 'must begin with https://'
}

const smtpComplaint: Complain = (text) => {
  const server = parseSubmissionUrl(new Secret(text))
  return server.ok ? null : server.error
}

const imapComplaint: Complain = (text) => {
  const server = parseAccountUrl(new Secret(text))
  return server.ok ? null : server.error
}

const accessTokenComplaint: Complain = (text) =>
  /^[\w.~+/-]+=*$/.test(text)
    ? null
    : 'is no OAuth2 access token: letters, digits and - . _ ~ + / alone (RFC 6750)'

/** Exactly one way to log in to the mailbox. */
function loginComplaints({ imapUrl, imapAccessToken }: Env): readonly string[] {
  if (imapUrl === null) {
    return imapAccessToken === null
      ? []
      : ['IMAP_ACCESS_TOKEN is set without IMAP_URL; set IMAP_URL=imaps://user@mail.example.net as well']
  }
  const server = parseAccountUrl(imapUrl)
  const hasPassword = server.ok && server.value.password !== null
  if (hasPassword && imapAccessToken !== null) {
    return ['IMAP_URL has a password and IMAP_ACCESS_TOKEN is set too; keep one']
  }
  return hasPassword || imapAccessToken !== null
    ? []
    : ['IMAP_URL has no password; put it there (imaps://user:password@…), or set IMAP_ACCESS_TOKEN']
}

const mailFromComplaint: Complain = (text) =>
  parseMailAddress(text) === null ? 'must be a bare address such as stswatch@example.net' : null

const webhookComplaint: Complain = (text) => {
  const url = URL.parse(text)
  if (url === null) return 'is no URL'
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password'
  return url.protocol === 'https:' || isLoopbackHost(url.hostname) ? null : 'must begin with https://'
}

const webhookSecretComplaint: Complain = (text) =>
  text.length >= 16 ? null : 'is too short: at least 16 characters, e.g. from openssl rand -hex 32'

/** The lab may not reach the real world (S29). */
function labComplaints(env: Env): readonly string[] {
  const inLab = 'must be on loopback, because STSWATCH_LAB is set'
  const isOutside = (url: string) => !isLoopbackHost(URL.parse(url)?.hostname ?? '')
  const webhooks = [...env.webhookUrls].filter(([, url]) => isOutside(url.reveal()))
  return [
    ...(env.slackToken !== null && isOutside(env.slackApiUrl ?? SLACK_API_URL)
      ? [`SLACK_API_URL ${inLab}`]
      : []),
    ...(env.smtpUrl !== null && isOutside(env.smtpUrl.reveal()) ? [`SMTP_URL ${inLab}`] : []),
    ...(env.imapUrl !== null && isOutside(env.imapUrl.reveal()) ? [`IMAP_URL ${inLab}`] : []),
    ...webhooks.map(([name]) => `${name} ${inLab}`),
  ]
}

function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const address = parseIpAddress(bare)
  return bare === 'localhost' || (address !== null && isLoopback(address))
}
