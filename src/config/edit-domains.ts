import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import { parseWatchedName } from './domain-hint.ts'
import { readYaml, type Span, type YamlList } from './yaml.ts'

/** Edits the list of domains in the text of watch.yaml; every byte elsewhere stays as it is. */

/** Puts the names at the end of the list. Null when the text has no list of domains to add to. */
export function addDomains(text: string, names: readonly DomainName[]): string | null {
  const list = readYaml(text).listAt(['domains'])
  if (list === null) return null
  const entries = names.map(entryText)
  return list.style === 'flow' ? addToFlow(text, list, entries) : addToBlock(text, list, entries)
}

/** Takes the entries of the names out, with the comment on their line. Null when there is no list of domains. */
export function removeDomains(text: string, names: ReadonlySet<DomainName>): string | null {
  const source = readYaml(text)
  const list = source.listAt(['domains'])
  if (list === null) return null
  const gone = new Set(domainEntries(source.value).flatMap((name, i) => (name && names.has(name) ? [i] : [])))
  const cuts = list.style === 'flow' ? flowCuts(list, gone) : blockCuts(text, list, gone)
  return cuts.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text)
}

/** The names in a file that need not be right as a whole; null for an entry without a valid one. */
export function domainEntries(value: unknown): readonly (DomainName | null)[] {
  const { domains } = (value ?? {}) as { readonly domains?: unknown }
  if (!Array.isArray(domains)) return []
  return domains.map((entry: unknown) => {
    const name: unknown = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : entry
    return typeof name === 'string' ? parseWatchedName(name) : null
  })
}

/** As people write it, in quotes when YAML would read something else (`1.2e3` is a number). */
function entryText(name: DomainName): string {
  const written = displayDomainName(name)
  return readYaml(written).value === written ? written : JSON.stringify(written)
}

function addToFlow(text: string, list: YamlList, entries: readonly string[]): string {
  const last = list.items.at(-1)
  if (last === undefined) return splice(text, list.start + 1, entries.join(', '))
  const comma = /^\s*,/.exec(text.slice(last.end, list.end))
  return comma === null
    ? splice(text, last.end, entries.map((entry) => `, ${entry}`).join(''))
    : splice(text, last.end + comma[0].length, entries.map((entry) => ` ${entry},`).join(''))
}

function addToBlock(text: string, list: YamlList, entries: readonly string[]): string {
  const last = list.items.at(-1) ?? list
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  const indent = text.slice(text.lastIndexOf('\n', list.start) + 1, list.start)
  const lines = entries.map((entry) => `${indent}- ${entry}${lineBreak}`).join('')
  const end = endOfLine(text, last.end)
  return text[end - 1] === '\n' ? splice(text, end, lines) : splice(text, end, lineBreak + lines)
}

function blockCuts(text: string, list: YamlList, gone: ReadonlySet<number>): readonly Span[] {
  return list.items
    .filter((_, index) => gone.has(index))
    .map(({ start, end }) => ({ start: text.lastIndexOf('\n', start) + 1, end: endOfLine(text, end) }))
}

/** Each entry goes with the comma after it; a run of entries at the end goes with the comma before it. */
function flowCuts({ items }: YamlList, gone: ReadonlySet<number>): readonly Span[] {
  const lastKept = items.findLastIndex((_, index) => !gone.has(index))
  const cuts = items.flatMap((item, index) => {
    const next = items[index + 1]
    return gone.has(index) && index < lastKept && next !== undefined
      ? [{ start: item.start, end: next.start }]
      : []
  })
  const tail = items.at(-1)
  if (tail === undefined || lastKept === items.length - 1) return cuts
  return [...cuts, { start: items[lastKept]?.end ?? items[0]?.start ?? tail.start, end: tail.end }]
}

function endOfLine(text: string, from: number): number {
  const lineBreak = text.indexOf('\n', from)
  return lineBreak === -1 ? text.length : lineBreak + 1
}

function splice(text: string, at: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at)
}
