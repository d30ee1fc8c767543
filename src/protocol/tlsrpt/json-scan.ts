/** What a report may hold at most. Honest ones nest five deep; 1,000 policies of 100 failures are 615,000 values. */
export const JSON_LIMITS = { depth: 16, values: 750_000 } as const

export type JsonScan =
  | {
      readonly fault: null
      /** Where the first complete value ends; the text's length when it does not end. */
      readonly end: number
      /** How many `"name": value` pairs the value has as written, repeated names included. */
      readonly members: number
    }
  | { readonly fault: 'depth' | 'values' }

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Measures a text before JSON.parse sees it, which takes seconds and a gigabyte for a hostile one of 20 MB. It does not
 * judge the grammar. Stops at the first limit; linear, without memory.
 */
export function scanJson(text: string, limits: { depth: number; values: number } = JSON_LIMITS): JsonScan {
  let depth = 0
  let values = 0
  let members = 0
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index)
        break
      case 0x7b: // {
      case 0x5b: // [
        values += 1
        depth += 1
        if (depth > limits.depth) return { fault: 'depth' }
        if (values > limits.values) return { fault: 'values' }
        break
      case 0x2c: // ,
        values += 1
        if (values > limits.values) return { fault: 'values' }
        break
      case 0x3a: // :
        members += 1
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1
        if (depth <= 0) return { fault: null, end: index + 1, members }
        break
    }
  }
  return { fault: null, end: text.length, members }
}

/** The index of the closing quote, or of the last character. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) return index
    index += code === BACKSLASH ? 2 : 1
  }
  return text.length - 1
}

/** How many members the objects of a parsed value have; fewer than were written when a name was repeated. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + countMembers(element), 0)
  const members = Object.values(value)
  return members.reduce<number>((sum, member) => sum + countMembers(member), members.length)
}
