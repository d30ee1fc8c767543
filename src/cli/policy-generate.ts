import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { parseWatchedName } from '../config/domain-hint.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { parseMailAddress } from '../protocol/mail-address.ts'
import { MAX_AGE_LIMIT_SECONDS } from '../protocol/mta-sts/policy-values.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import { configFor, lookAtAll } from './check.ts'
import { failingHosts, type GeneratedPolicy, type PolicyWish, policyFor } from './generated-policy.ts'
import { loadEnv } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { Memory } from './memory.ts'
import { renderGenerated } from './render-generated.ts'
import { readResolvers } from './resolver-options.ts'
import { writeGenerated } from './write-generated.ts'

/** As typed. */
export interface GenerateOptions {
  readonly mode: string
  readonly maxAge: string
  readonly wildcard?: boolean
  readonly rua: readonly string[]
  readonly out?: string
  readonly json?: boolean
  readonly resolver: readonly string[]
}

export interface GenerateRequest {
  readonly configFile: string
  readonly domain: string
  readonly options: GenerateOptions
}

/**
 * `policy generate`: looks, and prints what to serve and to publish. Exit status 0; 1 when there is no mail host to name or
 * one would fail; 3 when the MX records could not be found out; 2 for a wrong option; 78 when a file cannot be written.
 */
export async function policyGenerateCommand(
  { configFile, domain, options }: GenerateRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const name = parseWatchedName(domain)
  if (name === null) return refuse(io, `"${display(domain)}" is no domain name; write it like example.org`)
  const wish = readWish(options)
  if (!wish.ok) return refuse(io, wish.error)
  const resolvers = readResolvers(options.resolver)
  if (!resolvers.ok) return refuse(io, resolvers.error)
  const env = loadEnv(io)
  const config = env === null ? null : await configFor(configFile, [name], io)
  if (env === null || config === null) return EXIT.config
  const settings = resolvers.value.length > 0 ? { ...config, resolvers: resolvers.value } : config

  await using memory = new Memory(env, io)
  const [checked] = await Array.fromAsync(lookAtAll(settings, [name], { world, memory, io, supposed: null }))
  if (checked === undefined) throw new Error('one domain gives one look')
  const unknown = whyUnknown(checked.snapshot, name)
  if (unknown !== null) return tell(io, unknown, EXIT.undecided)
  const made = policyFor(checked.snapshot, wish.value)
  if (typeof made === 'string') return tell(io, made, EXIT.findings)
  const written = options.out === undefined ? [] : await writeGenerated(made, options.out)
  if (typeof written === 'string') return tell(io, written, EXIT.config)
  const failing = failingHosts(checked.judgement.findings)
  const told = { made, failing, unseen: unseenHosts(checked.snapshot), written }
  io.out(options.json === true ? asJson(told) : renderGenerated(told, settings.timezone, io))
  return failing.length > 0 ? EXIT.findings : EXIT.ok
}

/** What is told of a policy that was made. */
export interface ToldPolicy {
  readonly made: GeneratedPolicy
  readonly failing: ReturnType<typeof failingHosts>
  /** Hosts of which no address could be looked at, so that nothing is known of their certificates. */
  readonly unseen: readonly string[]
  /** Files that were written. */
  readonly written: readonly string[]
}

function asJson({ made, failing, unseen, written }: ToldPolicy): string {
  return `${printableJson(JSON.stringify({ ...made, failing, unseen, written }))}\n`
}

function readWish({ mode, maxAge, wildcard, rua }: GenerateOptions): Result<PolicyWish, string> {
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none')
    return err(`--mode ${display(mode)}: write enforce, testing or none`)
  const maxAgeSeconds = /^\d{1,10}$/.test(maxAge) ? Number(maxAge) : Number.NaN
  if (!(maxAgeSeconds >= 0 && maxAgeSeconds <= MAX_AGE_LIMIT_SECONDS))
    return err(`--max-age ${display(maxAge)}: write seconds, 0 to ${MAX_AGE_LIMIT_SECONDS}, like 604800`)
  const uris = rua.map((text) => {
    const address = parseMailAddress(text)
    return address === null ? text : `mailto:${address}`
  })
  if (uris.length > 0) {
    const { problems } = parseTlsrptRecord([`v=TLSRPTv1; rua=${uris.join(',')}`])
    const problem = problems.find(({ severity, code }) => severity !== 'info' && code !== 'rua-many')
    if (problem !== undefined) return err(`--rua: ${problem.message}`)
  }
  return ok({ mode, maxAgeSeconds, wildcard: wildcard === true, rua: uris })
}

/** Why it is not known which hosts take mail for the domain; null when it is. */
function whyUnknown({ mx, hosts }: Snapshot, name: DomainName): string | null {
  const why = (detail: string) =>
    `the MX hosts of ${name} could not be found out (${display(detail)}), so no policy is made; try again, or name another resolver with --resolver`
  if (mx.outcome === 'failed') return why(mx.fault.detail)
  if (mx.outcome === 'skipped') return why(mx.because)
  const implicit = hosts.find(({ source }) => source === 'implicit')
  return implicit?.addresses.outcome === 'failed' ? why(implicit.addresses.fault.detail) : null
}

function unseenHosts({ hosts }: Snapshot): readonly string[] {
  return hosts
    .filter(
      ({ target, sessions }) => target === 'host' && sessions.every(({ smtp }) => smtp.outcome !== 'seen'),
    )
    .map(({ name }) => name)
}

function refuse(io: Io, message: string): number {
  return tell(io, message, EXIT.usage)
}

function tell(io: Io, message: string, status: number): number {
  io.err(`stswatch policy generate: ${message}\n`)
  return status
}
