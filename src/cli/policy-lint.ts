import { existsSync } from 'node:fs'
import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { type LintedPolicy, type LintedRecord, lintPolicy } from '../check/lint.ts'
import { readerEvidence, type SenderView } from '../check/sender-views.ts'
import { parseWatchedName } from '../config/domain-hint.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Problem } from '../protocol/problem.ts'
import { configFor, lookAtAll } from './check.ts'
import { type DomainLint, lintLook } from './domain-lint.ts'
import { loadEnv } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { Memory } from './memory.ts'
import { painter } from './paint.ts'
import { readPolicyFile } from './read-policy-file.ts'
import { renderDomainLint } from './render-domain-lint.ts'
import { type LintPage, renderLintedPolicy } from './render-lint.ts'
import { readResolvers } from './resolver-options.ts'

export interface LintRequest {
  readonly configFile: string
  /** A file, `-`, or a domain. */
  readonly subject: string
  readonly json: boolean
  readonly resolvers: readonly string[]
}

/**
 * `policy lint`: the strict verdict on a policy text, and what known readers make of it. Exit status 0 clean, 1 not; for a
 * domain 3 when record or policy could not be found out; 66 for a file that cannot be read.
 */
export async function policyLintCommand(
  request: LintRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const { subject } = request
  const name = isFile(subject) ? null : parseWatchedName(subject)
  return name === null ? await lintFile(request, io) : await lintDomain(request, name, io, world)
}

/** No top-level domain is called txt, and none will be: whoever writes so means a file, there or not. */
function isFile(subject: string): boolean {
  return subject === '-' || /[/\\]|\.txt$/i.test(subject) || existsSync(subject)
}

async function lintFile({ subject, json }: LintRequest, io: Io): Promise<number> {
  if (subject !== '-' && !existsSync(subject)) {
    io.err(
      `stswatch policy lint: there is no file "${display(subject)}"; a domain is written like example.org\n`,
    )
    return EXIT.noInput
  }
  const read = await readPolicyFile(subject, io)
  if (typeof read === 'number') return read
  const linted = lintPolicy(read.body, [])
  io.out(
    json
      ? `${printableJson(JSON.stringify({ source: read.from, ...policyJson(linted) }))}\n`
      : renderLintedPolicy(display(read.from), linted, null, pageOf(io)),
  )
  return linted.isClean ? EXIT.ok : EXIT.findings
}

async function lintDomain(
  { configFile, json, resolvers: texts }: LintRequest,
  name: DomainName,
  io: Io,
  world: World,
): Promise<number> {
  const resolvers = readResolvers(texts)
  if (!resolvers.ok) {
    io.err(`stswatch policy lint: ${resolvers.error}\n`)
    return EXIT.usage
  }
  const env = loadEnv(io)
  const config = env === null ? null : await configFor(configFile, [name], io)
  if (env === null || config === null) return EXIT.config
  const settings = resolvers.value.length > 0 ? { ...config, resolvers: resolvers.value } : config
  await using memory = new Memory(env, io)
  const [checked] = await Array.fromAsync(lookAtAll(settings, [name], { world, memory, io, supposed: null }))
  if (checked === undefined) throw new Error('one domain gives one look')
  const linted = lintLook(checked)
  io.out(
    json
      ? `${printableJson(JSON.stringify(domainJson(name, linted)))}\n`
      : renderDomainLint(checked, linted, settings.timezone, pageOf(io)),
  )
  return linted.status
}

function pageOf(io: Io): LintPage {
  return { width: Math.min(Math.max(io.columns, 60), 120), paint: painter(io.terminal) }
}

function policyJson({ policy, problems, views, missed, mended, isClean, body }: LintedPolicy) {
  const lines = body.split(/\r?\n/)
  const value =
    policy === null
      ? null
      : { mode: policy.mode, maxAgeSeconds: policy.maxAgeSeconds, mxPatterns: policy.mxPatterns }
  const told = problems.map((problem) => problemJson(problem, (line) => lines[line - 1] ?? ''))
  return {
    valid: policy !== null,
    clean: isClean,
    value,
    problems: told,
    ...viewsJson(views),
    missed,
    mended,
  }
}

function recordJson({ records, record, problems, views, isClean }: LintedRecord) {
  const told = problems.map((problem) => problemJson(problem, (line) => records[line - 1] ?? ''))
  return {
    records,
    valid: record !== null,
    clean: isClean,
    value: record,
    problems: told,
    ...viewsJson(views),
  }
}

function domainJson(domain: DomainName, { record, policies, findings, undecided, status }: DomainLint) {
  return {
    domain,
    status,
    record: record === null ? null : recordJson(record),
    policies: policies.map(({ addresses, linted }) => ({ addresses, ...policyJson(linted) })),
    findings,
    undecided,
  }
}

function problemJson({ code, severity, line, message, rfc }: Problem, textOf: (line: number) => string) {
  return { code, severity, line, text: line === null ? null : display(textOf(line), 512), message, rfc }
}

function viewsJson(views: readonly SenderView[]) {
  return {
    ...readerEvidence(views),
    readers: views.map(({ reader, outcome, because }) => ({ ...reader, outcome, because })),
  }
}
