/** The little of IMAP's grammar (RFC 3501) that the lab's server must read. */

export type ImapToken = string | readonly ImapToken[]

export interface ImapCommand {
  readonly tag: string
  /** Upper case; `UID FETCH` is one. */
  readonly name: string
  readonly args: readonly ImapToken[]
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|\{(\d+)\+?\}\r\n|(\()|(\))|([^\s()"{]+(?:\{[^\s()]*)?))/y

/** Reads a command without its last line break; literals stand in it as they came. Null: it is none. */
export function parseImapCommand(text: string): ImapCommand | null {
  const head = /^(\S+) (?:(UID) )?([A-Za-z]+)/i.exec(text)
  const [whole = '', tag = '', uid, name = ''] = head ?? []
  if (head === null) return null
  const args = parseArguments(text, whole.length)
  const word = name.toUpperCase()
  return args === null ? null : { tag, name: uid === undefined ? word : `UID ${word}`, args }
}

function parseArguments(text: string, from: number): readonly ImapToken[] | null {
  const stack: ImapToken[][] = [[]]
  let at = from
  for (;;) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) return text.slice(at).trim() === '' && stack.length === 1 ? (stack[0] ?? []) : null
    const [, , literal] = match
    const end = TOKEN.lastIndex
    at = end + Number(literal ?? 0)
    if (!put(stack, match, text.slice(end, at))) return null
  }
}

/** False for a bracket that closes nothing. */
function put(stack: ImapToken[][], match: RegExpExecArray, literalText: string): boolean {
  const [, quoted, literal, open, close, atom] = match
  if (open !== undefined) return stack.push([]) > 0
  const list = close === undefined ? null : stack.pop()
  const token = literal === undefined ? (atom ?? (quoted ?? '').replace(/\\(.)/g, '$1')) : literalText
  return (stack.at(-1)?.push(list ?? token) ?? 0) > 0
}

/** A test for membership in a sequence set; `*` is `last`. Null: it is no set. */
export function parseSequenceSet(text: string, last: number): ((value: number) => boolean) | null {
  if (!/^(?:\d+|\*)(?::(?:\d+|\*))?(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*$/.test(text)) return null
  const ranges = text.split(',').map((range) => {
    const [first = 0, second = first] = range.split(':').map((end) => (end === '*' ? last : Number(end)))
    return [Math.min(first, second), Math.max(first, second)] as const
  })
  return (value) => ranges.some(([low, high]) => value >= low && value <= high)
}
