import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'

/** YAML text as plain values that remember where they stand. The only file that knows the YAML library. */
export interface YamlSource {
  /** Mappings without prototype, lists, strings, numbers, booleans, null. Null for an empty text. */
  readonly value: unknown
  /** In the order of the text, at most one a line. */
  readonly problems: readonly YamlProblem[]
  /** False when the text is broken so that `value` is not worth judging. */
  readonly whole: boolean
  /** Where the value (or its key) at this path stands; of the nearest parent that exists when it is missing. */
  spanOf(path: YamlPath, part: 'key' | 'value'): Span
  /** Every key of a mapping whose value is a scalar with content. */
  literals(): Iterable<{ readonly key: string; readonly value: string; readonly path: YamlPath }>
  /** The list at this path as it is written; null when there is no list. */
  listAt(path: YamlPath): YamlList | null
}

export type YamlPath = readonly (string | number)[]

/** Offsets into the text; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface YamlProblem extends Span {
  readonly message: string
}

export interface YamlList extends Span {
  readonly style: 'block' | 'flow'
  readonly items: readonly Span[]
}

const MAX_DEPTH = 10
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`

// Own words: the library's messages may quote the text, and the text may hold a secret (S43).
const SYNTAX_WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab stands where YAML wants spaces',
  BAD_INDENT: 'the indentation does not fit the lines around it, or a bracket is not closed',
  MISSING_CHAR: 'a quote, bracket, colon or comma is missing, or the indentation is wrong',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line; put a text that contains ": " in quotes',
  BAD_SCALAR_START: 'a text that begins with @, ` or % must stand in quotes',
  BAD_DQ_ESCAPE: 'an unknown \\ escape in a double-quoted text; use single quotes',
  NON_STRING_KEY: 'only plain text can be a key',
  MULTIPLE_DOCS: 'a second document begins; the file holds exactly one',
  RESOURCE_EXHAUSTION: TOO_DEEP,
}
const ALIAS_WORDS =
  'aliases (*name) are not accepted; a text that begins with * must stand in quotes, e.g. check: "*/15 * * * *"'

/** Reads one document as YAML 1.2 without anchors, aliases, tags or directives (S51). Never throws for its text. */
export function readYaml(text: string): YamlSource {
  const document = parseDocument(text, {
    version: '1.2',
    // The library's own search for duplicate keys takes time quadratic in the size of a mapping.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  const syntax = document.errors.map(({ code, pos: [start, end] }) => ({
    start,
    end,
    message: text[start] === '*' ? ALIAS_WORDS : (SYNTAX_WORDS[code] ?? 'this is not valid YAML'),
  }))
  if (document.directives?.yaml.explicit === true || /^%/.test(text)) {
    syntax.unshift({ start: 0, end: 1, message: 'directives (%) are not accepted' })
  }
  const reader = new PlainReader()
  const value = syntax.length === 0 ? reader.read(document.contents, 0) : null
  return {
    value,
    problems: firstOfEachLine(text, [...syntax, ...reader.problems]),
    whole: syntax.length === 0 && reader.whole,
    spanOf: (path, part) => spanOf(document, path, part),
    literals: () => literalsIn(document.contents, []),
    listAt: (path) => listAt(document, path),
  }
}

/** Turns offsets into 1-based lines and columns. */
export function lineFinder(
  text: string,
): (offset: number) => { readonly line: number; readonly column: number } {
  const counter = new LineCounter()
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) counter.addNewLine(at + 1)
  counter.lineStarts.unshift(0)
  return (offset) => {
    const { line, col } = counter.linePos(offset)
    return { line, column: col }
  }
}

/** Nodes to plain values: an own walk, because the library's would follow aliases and set `__proto__`. */
class PlainReader {
  readonly problems: YamlProblem[] = []
  whole = true

  read(node: unknown, depth: number): unknown {
    const refusal = refusalOf(node)
    if (refusal !== null) return this.#refuse(node, refusal)
    if (isScalar(node)) return node.value ?? null
    if (!isMap(node) && !isSeq(node)) return null
    if (depth >= MAX_DEPTH) return this.#refuse(node, TOO_DEEP)
    return isSeq(node) ? node.items.map((item) => this.read(item, depth + 1)) : this.#readMap(node, depth)
  }

  #readMap(map: YAMLMap, depth: number): Record<string, unknown> {
    const plain: Record<string, unknown> = Object.create(null)
    for (const { key, value } of map.items) {
      const name = nameOf(key)
      const refusal = refusalOf(key) ?? (name === '__proto__' ? 'this cannot be a key' : null)
      if (refusal !== null) this.#refuse(key, refusal)
      else if (Object.hasOwn(plain, name)) {
        this.problems.push({ ...rangeOf(key), message: 'the same key stands above already' })
      } else plain[name] = this.read(value, depth + 1)
    }
    return plain
  }

  #refuse(node: unknown, message: string): null {
    this.problems.push({ ...rangeOf(node), message })
    this.whole = false
    return null
  }
}

function refusalOf(node: unknown): string | null {
  if (isAlias(node)) return ALIAS_WORDS
  if (!isNode(node)) return null
  if ('anchor' in node && node.anchor !== undefined) return 'anchors (&name) are not accepted'
  return node.tag === undefined ? null : 'tags (!name) are not accepted'
}

function firstOfEachLine(text: string, problems: readonly YamlProblem[]): readonly YamlProblem[] {
  const find = lineFinder(text)
  const seen = new Set<number>()
  return problems
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start }) => {
      const { line } = find(start)
      const first = !seen.has(line)
      seen.add(line)
      return first
    })
}

function spanOf(document: Document, path: YamlPath, part: 'key' | 'value'): Span {
  let node: unknown = document.contents
  let span: Span = { start: 0, end: 1 }
  for (const [index, step] of path.entries()) {
    const next = stepInto(node, step, index === path.length - 1 ? part : 'value')
    if (next === null) return span
    node = next.node
    span = next.span
  }
  return span
}

function stepInto(
  node: unknown,
  step: string | number,
  part: 'key' | 'value',
): { readonly node: unknown; readonly span: Span } | null {
  if (isMap(node)) {
    const pair = pairsOf(node).get(String(step))
    if (pair === undefined) return null
    // A mapping or list is pointed at by its key, which stands on the line that people look for.
    const byKey = part === 'key' || isMap(pair.value) || isSeq(pair.value) || !hasLength(pair.value)
    return { node: pair.value, span: rangeOf(byKey ? pair.key : pair.value) }
  }
  if (!isSeq(node) || typeof step !== 'number' || step >= node.items.length) return null
  const item = node.items[step]
  const firstKey = isMap(item) ? item.items[0]?.key : undefined
  return { node: item, span: rangeOf(firstKey ?? item) }
}

function* literalsIn(
  node: unknown,
  path: YamlPath,
): Generator<{ readonly key: string; readonly value: string; readonly path: YamlPath }> {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* literalsIn(item, [...path, index])
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = nameOf(key)
      if (isScalar(value)) {
        if (value.value !== null && value.value !== '') {
          yield { key: name, value: String(value.value), path: [...path, name] }
        }
      } else yield* literalsIn(value, [...path, name])
    }
  }
}

function listAt(document: Document, path: YamlPath): YamlList | null {
  const node: unknown = document.getIn(path, true)
  if (!isSeq(node)) return null
  return {
    ...rangeOf(node),
    style: node.flow === true ? 'flow' : 'block',
    items: node.items.map((item) => ({ start: rangeOf(item).start, end: endOf(item) })),
  }
}

/** Forty thousand mistakes in one mapping must not mean forty thousand walks over it. */
const pairsByName = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = pairsByName.get(map)
  if (known !== undefined) return known
  // Of a key that stands twice the first counts, as everywhere.
  const pairs = new Map(map.items.toReversed().map((pair) => [nameOf(pair.key), pair]))
  pairsByName.set(map, pairs)
  return pairs
}

/** Where the text of a node ends; the library counts what follows a block (comments, blank lines) as part of it. */
function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1)
    return hasLength(last?.value) ? endOf(last?.value) : rangeOf(last?.key).end
  }
  if (isSeq(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1))
  return rangeOf(node).end
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value ?? '') : ''
}

function hasLength(node: unknown): boolean {
  const { range } = (node ?? {}) as Partial<Node>
  return Array.isArray(range) && range[1] > range[0]
}

function rangeOf(node: unknown): Span {
  const { range } = (node ?? {}) as Partial<Node>
  return Array.isArray(range)
    ? { start: range[0], end: Math.max(range[0] + 1, range[1]) }
    : { start: 0, end: 1 }
}
