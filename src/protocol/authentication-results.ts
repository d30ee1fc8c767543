/** What a receiving mail server found out about a mail, as it writes it into the header (RFC 8601 §2.2). */
export interface AuthenticationResults {
  /** Lower case. */
  readonly authservId: string
  readonly results: readonly MethodResult[]
}

export interface MethodResult {
  /** `dkim`, `spf` …, lower case, without its version. */
  readonly method: string
  /** `pass`, `fail` …, lower case. */
  readonly result: string
  /** `header.d` → value; names in lower case. */
  readonly properties: ReadonlyMap<string, string>
}

/** Reads the value of one Authentication-Results header, folded as it stands. Null when it has not the form. */
export function readAuthenticationResults(value: string): AuthenticationResults | null {
  const [head, ...parts] = splitParts(value)
  // RFC 8601 §2.2: the identity, then perhaps the version of the format, which is 1.
  const [authservId, version = '1', ...rest] = head ?? []
  if (authservId === undefined || authservId === '' || version !== '1' || rest.length > 0) return null
  const results = parts.map(readResult)
  return { authservId: authservId.toLowerCase(), results: results.filter((result) => result !== null) }
}

function readResult(words: readonly string[]): MethodResult | null {
  const [method = '', result = ''] = splitOnce(words[0] ?? '')
  if (method === '' || result === '') return null
  const properties = new Map<string, string>()
  for (const word of words.slice(1)) {
    const [name, text] = splitOnce(word)
    // The first one counts: a value that holds white space and "=" cannot overrule it.
    if (name.includes('.') && !properties.has(name.toLowerCase())) properties.set(name.toLowerCase(), text)
  }
  const name = method.toLowerCase().split('/')[0] ?? ''
  return { method: name, result: result.toLowerCase(), properties }
}

function splitOnce(word: string): readonly [string, string] {
  const equals = word.indexOf('=')
  return equals === -1 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)]
}

interface Scan {
  readonly parts: string[][]
  word: string | null
  depth: number
  isQuoted: boolean
}

/** The parts between semicolons as words; comments are left out, quoted strings unquoted, white space around "=", "." and "/" closed. */
function splitParts(value: string): readonly (readonly string[])[] {
  const scan: Scan = { parts: [[]], word: null, depth: 0, isQuoted: false }
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? ''
    const isEscape = character === '\\' && (scan.depth > 0 || scan.isQuoted)
    if (isEscape) index++
    take(scan, isEscape ? (value[index] ?? '') : character, isEscape)
  }
  endWord(scan)
  return scan.parts.map((words) => closeUp(words))
}

function take(scan: Scan, character: string, isEscaped: boolean): void {
  if (scan.depth > 0) {
    if (!isEscaped && character === '(') scan.depth++
    if (!isEscaped && character === ')') scan.depth--
  } else if (scan.isQuoted) {
    if (character === '"' && !isEscaped) scan.isQuoted = false
    else scan.word += character
  } else if (character === '(') {
    endWord(scan)
    scan.depth = 1
  } else if (character === '"') {
    scan.isQuoted = true
    scan.word ??= ''
  } else if (character === ';') {
    endWord(scan)
    scan.parts.push([])
  } else if (/[ \t\r\n]/.test(character)) endWord(scan)
  else scan.word = (scan.word ?? '') + character
}

function endWord(scan: Scan): void {
  if (scan.word !== null) scan.parts.at(-1)?.push(scan.word)
  scan.word = null
}

/** `dkim = pass` and `dkim/1 = pass` may be written with spaces; one word then. */
function closeUp(words: readonly string[]): readonly string[] {
  const closed: string[] = []
  for (const word of words) {
    const last = closed.at(-1)
    const isGlued = last !== undefined && (/^[=./]/.test(word) || /(?:^[^=]*[./]|^[^=]*=)$/.test(last))
    if (isGlued) closed[closed.length - 1] = last + word
    else closed.push(word)
  }
  return closed
}
