import { formatConfigProblems } from '../config/config-problem.ts'
import { meantDomain, parseWatchedName } from '../config/domain-hint.ts'
import { addDomains, domainEntries, removeDomains } from '../config/edit-domains.ts'
import { loadWatchConfig, readConfigText } from '../config/load.ts'
import { type LoadContext, loadContext } from '../config/load-context.ts'
import { parseWatchConfig } from '../config/parse-watch-config.ts'
import { replaceFile } from '../config/replace-file.ts'
import type { WatchedDomain } from '../config/watch-config.ts'
import { readYaml } from '../config/yaml.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import { EXIT, type Io } from './io.ts'

export interface WatchRequest {
  readonly configFile: string
  /** As typed. */
  readonly domains: readonly string[]
  readonly json: boolean
}

/**
 * `stswatch watch add|remove|list`. Edits watch.yaml with comments and order kept, and writes nothing that would not load.
 * Exit status: 0 done; 1 a domain was there already, or was not there; 2 no domain name; 78 a broken file.
 */
export async function watchCommand(
  action: 'add' | 'remove' | 'list',
  request: WatchRequest,
  io: Io,
): Promise<number> {
  const context = loadContext(io.env, systemClock)
  return action === 'list' ? list(request, context, io) : edit(action, request, context, io)
}

async function list(request: WatchRequest, context: LoadContext, io: Io): Promise<number> {
  const loaded = await loadWatchConfig(request.configFile, context)
  if (!loaded.ok) {
    io.err(`${formatConfigProblems(loaded.problems)}\n`)
    return EXIT.config
  }
  const { domains } = loaded.config
  io.out(request.json ? `${printableJson(JSON.stringify(domains.map(asJson), null, 2))}\n` : table(domains))
  return EXIT.ok
}

async function edit(
  action: 'add' | 'remove',
  request: WatchRequest,
  context: LoadContext,
  io: Io,
): Promise<number> {
  const names = namesOf(request.domains, io)
  if (names === null) return EXIT.usage
  const read = await readConfigText(request.configFile)
  if (!read.ok) return refuse(io, `${request.configFile}: ${read.message}`)

  const before = new Set(domainEntries(readYaml(read.text).value))
  const [todo, moot] = partition(names, (name) => before.has(name) === (action === 'remove'))
  const trouble = action === 'add' ? 'is watched already' : 'is not watched'
  for (const name of moot) io.err(`${displayDomainName(name)} ${trouble}\n`)
  const status = moot.length > 0 ? EXIT.findings : EXIT.ok
  if (todo.length === 0) return status

  const text = action === 'add' ? addDomains(read.text, todo) : removeDomains(read.text, new Set(todo))
  const loaded = parseWatchConfig(text ?? read.text, request.configFile, context)
  if (!loaded.ok) {
    return refuse(io, `Nothing was written; it would not load:\n${formatConfigProblems(loaded.problems)}`)
  }
  if (text === null) return refuse(io, `${request.configFile}: there is no list of domains to edit`)
  const after = new Set<DomainName>(loaded.config.domains.map(({ name }) => name))
  if (todo.some((name) => after.has(name) !== (action === 'add'))) {
    return refuse(io, `${request.configFile}: the list is written in a way that only a person can edit`)
  }
  try {
    await replaceFile(request.configFile, read.text, text)
  } catch (error) {
    return refuse(io, `${request.configFile}: nothing was written: ${display((error as Error).message)}`)
  }
  const done = action === 'add' ? 'added' : 'removed'
  for (const name of todo) io.out(`${done} ${displayDomainName(name)}\n`)
  io.out(`${request.configFile} now watches ${counted(after.size, 'domain')}\n`)
  return status
}

/** The names without repeats, or null (told) when one of them is none. */
function namesOf(typed: readonly string[], io: Io): readonly DomainName[] | null {
  const names = typed.map((text) => ({ text, name: parseWatchedName(text) }))
  const invalid = names.filter(({ name }) => name === null)
  for (const { text } of invalid) {
    const meant = meantDomain(text)
    const hint = meant === null ? '' : ` Did you mean ${meant}?`
    io.err(`"${display(text, 80)}" is no domain name such as example.com.${hint}\n`)
  }
  return invalid.length > 0 ? null : [...new Set(names.flatMap(({ name }) => name ?? []))]
}

function refuse(io: Io, message: string): number {
  io.err(`${message}\n`)
  return EXIT.config
}

function asJson(domain: WatchedDomain) {
  const { name, cron, expect, certificateWarningDays, tags, channels, dane, ignore } = domain
  const shown = displayDomainName(name)
  return { name, shown, cron, expect, certificateWarningDays, tags, channels, dane, ignore: [...ignore] }
}

function table(domains: readonly WatchedDomain[]): string {
  const rows = domains.map(({ name, expect, channels, tags }) => [
    displayDomainName(name),
    expect,
    channels.join(', '),
    tags.join(', '),
  ])
  const all = [['DOMAIN', 'EXPECT', 'CHANNELS', 'TAGS'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

function partition<T>(all: readonly T[], holds: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
