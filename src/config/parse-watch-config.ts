import { parseDomainName } from '../protocol/domain-name.ts'
import { buildWatchConfig } from './build-watch-config.ts'
import type { ConfigNotice, ConfigProblem } from './config-problem.ts'
import { cronRule } from './cron-rule.ts'
import { parseWatchedName } from './domain-hint.ts'
import type { LoadContext } from './load-context.ts'
import { found, type Mistake, mistakesOf, pathText } from './schema-issue.ts'
import { secretKeys, secretLines, secretTexts, withoutSecrets } from './secret-scan.ts'
import { readStagedKeys } from './staged-keys.ts'
import type { WatchConfig } from './watch-config.ts'
import { MAX_DOMAINS, readWatchFile } from './watch-schema.ts'
import { timeZone as judgeTimeZone } from './watch-values.ts'
import { lineFinder, readYaml, type YamlPath, type YamlSource } from './yaml.ts'

export type LoadedConfig =
  | { readonly ok: true; readonly config: WatchConfig; readonly notices: readonly ConfigNotice[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/**
 * The whole judgement over the text of watch.yaml: a complete, frozen configuration, or every mistake with its place.
 * `file` is for messages, and what stands beside it is read from there: the files that `hosts` names. Never throws for what the text says, and never repeats what looks like a secret.
 */
export function parseWatchConfig(text: string, file: string, context: LoadContext): LoadedConfig {
  const source = readYaml(text)
  const report = new ProblemReport(file, text, source)
  for (const { start, end, message } of source.problems) report.atOffset(start, end - start, message)
  report.secrets()
  if (!source.whole) return { ok: false, problems: report.problems() }

  const { value } = source
  const entries = listOf(value, 'domains')
  if (entries.length > MAX_DOMAINS) {
    const message = `found ${entries.length} domains, allowed: at most ${MAX_DOMAINS}`
    report.add({ ...EMPTY, path: ['domains'], message })
    return { ok: false, problems: report.problems() }
  }
  const { file: accepted, issues } = readWatchFile(value, {
    cronRule: cronRule(zoneOf(value), context.now),
    ...watchedIn(entries),
    timezone: zoneOf(value),
    channels: Object.keys(mappingOf(value, 'channels')),
    lab: context.lab,
    summaryForm: Array.isArray(mappingOf(value, null).summary) ? 'list' : 'mapping',
  })
  for (const issue of issues) for (const mistake of mistakesOf(issue, value)) report.add(mistake)
  for (const mistake of duplicates(entries)) report.add(mistake)
  const staged = readStagedKeys(accepted?.hosts ?? {}, file, context.now)
  for (const { path, message } of staged.problems) report.add({ ...EMPTY, path, message })

  const problems = report.problems()
  if (problems.length > 0 || accepted === null) return { ok: false, problems }
  const config = buildWatchConfig(file, accepted, context.hostname, staged.keys)
  const notices = [
    ...staged.notices.map(({ path, message }) => ({ file, line: report.lineOf(path), message })),
    ...ehloNotices(config, accepted.ehlo_name, file),
  ]
  return { ok: true, config, notices }
}

const EMPTY: Mistake = {
  path: [],
  part: 'value',
  found: null,
  allowed: null,
  suggestion: null,
  message: null,
}

/** Collects mistakes as problems: one a place, and secrets before anything else that is said of their place. */
class ProblemReport {
  readonly #problems = new Map<string, ConfigProblem>()
  readonly #place: ReturnType<typeof lineFinder>
  readonly #lines: readonly string[]
  readonly #hidden: ReadonlySet<number>
  readonly #end: number
  readonly file: string
  readonly source: YamlSource

  constructor(file: string, text: string, source: YamlSource) {
    this.file = file
    this.source = source
    this.#lines = text.split(/\r?\n/)
    this.#place = lineFinder(text)
    this.#end = text.trimEnd().length
    this.#hidden = secretLines(this.#lines)
  }

  secrets(): void {
    for (const { path, message } of this.source.whole ? secretKeys(this.source) : []) {
      this.add({ ...EMPTY, path, part: 'key', message })
    }
    for (const { line, column, message } of secretTexts(this.#lines)) {
      if ([...this.#problems.values()].some((known) => known.line === line)) continue
      this.#put({ ...this.#blank(line, column, 1), message })
    }
  }

  add(mistake: Mistake): void {
    const { start, end } = this.source.spanOf(mistake.path, mistake.part)
    const { line, column } = this.#place(start)
    const secret = this.#hidden.has(line)
    const seen = mistake.found === null || !secret ? mistake.found : 'a text that is not shown here'
    this.#put({
      ...this.#blank(line, column, end - start),
      path: withoutSecrets(pathText(mistake.path)),
      found: seen,
      allowed: mistake.allowed,
      message: withoutSecrets(mistake.message ?? `found ${seen}, allowed: ${mistake.allowed}`),
      suggestion: secret ? null : mistake.suggestion,
    })
  }

  /** A mistake of the YAML itself; what is missing at the end is shown behind the last text. */
  atOffset(start: number, width: number, message: string): void {
    const { line, column } = this.#place(Math.min(start, this.#end))
    this.#put({ ...this.#blank(line, column, start < this.#end ? width : 1), message })
  }

  lineOf(path: YamlPath): number {
    return this.#place(this.source.spanOf(path, 'key').start).line
  }

  problems(): readonly ConfigProblem[] {
    return [...this.#problems.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
  }

  #put(problem: ConfigProblem): void {
    const key = problem.path === '' ? `${problem.line}:${problem.column}` : problem.path
    if (!this.#problems.has(key)) this.#problems.set(key, problem)
  }

  #blank(line: number, column: number, width: number): ConfigProblem {
    const text = this.#lines[line - 1] ?? ''
    const shown = text.trim() === '' || this.#hidden.has(line) ? null : text
    const none = { path: '', found: null, allowed: null, message: '', suggestion: null }
    return { file: this.file, line, column, ...none, sourceLine: shown, width: Math.max(1, width) }
  }
}

function duplicates(entries: readonly unknown[]): readonly Mistake[] {
  const first = new Map<string, number>()
  return entries.flatMap((entry, index) => {
    const written = typeof entry === 'string' ? entry : mappingOf(entry, null).name
    const name = typeof written === 'string' ? parseWatchedName(written) : null
    if (name === null) return []
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, index)
      return []
    }
    const path = typeof entry === 'string' ? ['domains', index] : ['domains', index, 'name']
    const message = `found ${found(written)}, which stands in domains[${earlier}] already`
    return [{ ...EMPTY, path, found: found(written), message }]
  })
}

function ehloNotices(config: WatchConfig, configured: string | undefined, file: string): ConfigNotice[] {
  if (configured !== undefined || parseDomainName(config.ehloName)?.includes('.') === true) return []
  const message = `the name of this machine, "${config.ehloName}", is not fully qualified, and some mail servers refuse it in EHLO; set \`ehlo_name:\``
  return [{ file, line: null, message }]
}

/** Every name and tag that the entries of `domains` have, as far as they can be read. */
function watchedIn(entries: readonly unknown[]): {
  readonly domains: readonly string[]
  readonly tags: readonly string[]
} {
  const names = entries.map((entry) => (typeof entry === 'string' ? entry : mappingOf(entry, null).name))
  const tags = entries.flatMap((entry) => listOf(entry, 'tags'))
  return {
    domains: names.flatMap((name) => (typeof name === 'string' ? (parseWatchedName(name) ?? []) : [])),
    tags: [...new Set(tags.filter((tag) => typeof tag === 'string'))],
  }
}

function zoneOf(value: unknown): string {
  const { timezone } = mappingOf(value, null)
  return typeof timezone === 'string' && judgeTimeZone(timezone) === null ? timezone : 'UTC'
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = mappingOf(value, null)[key]
  return Array.isArray(list) ? list : []
}

/** The mapping, or the mapping under its key; empty when there is none. */
function mappingOf(value: unknown, key: string | null): Readonly<Record<string, unknown>> {
  const mapping = key === null ? value : mappingOf(value, null)[key]
  const usable = typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping)
  return usable ? (mapping as Record<string, unknown>) : {}
}
