/** A reader of our own mail's HTML that shares nothing with its writer and forgives nothing. */

export interface StrictHtml {
  /** Every tag in order, `table`, `/table`. */
  readonly tags: readonly string[]
  /** What a person sees, a line for each block. */
  readonly text: string
}

const TAGS = new Set('html head meta title style body table tr td h1 p div span br img'.split(' '))
const VOID = new Set(['meta', 'br', 'img'])
const ATTRIBUTES = new Set(
  'lang charset name content class style role width height cellpadding cellspacing border align valign bgcolor src alt'.split(
    ' ',
  ),
)
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': '\u00a0',
  '&#9679;': '●',
}

/**
 * Throws for a tag, attribute or entity that is not on the list, one that is not closed, a link, anything remote, or a
 * comment other than Outlook's.
 */
export function strictHtml(html: string): StrictHtml {
  const tags: string[] = []
  const open: string[] = []
  let text = ''
  let rest = html.replace(/^<!DOCTYPE html>\n/, '')
  while (rest !== '') {
    const [token] =
      /^(?:<!--\[if mso\]>.*?<!\[endif\]-->|<style>[^<]*<\/style>|<[^>]*>|[^<]+)/s.exec(rest) ?? []
    if (token === undefined) throw new Error(`no token: ${rest.slice(0, 60)}`)
    rest = rest.slice(token.length)
    if (token.startsWith('<!--') || token.startsWith('<style>')) checkConstant(token)
    else if (token.startsWith('<')) {
      const tag = readTag(token)
      tags.push(tag)
      nest(tag, open)
      if (/^(?:br|\/p|\/h1|\/td|\/div)$/.test(tag)) text += '\n'
    } else text += readText(token, open)
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`)
  return { tags, text }
}

function checkConstant(token: string): void {
  if (/url\(|@import|expression|https?:/i.test(token)) throw new Error(`something remote: ${token}`)
}

function readTag(token: string): string {
  const [, slash = '', name = '', attributes = ''] =
    /^<(\/?)([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>$/.exec(token) ?? []
  if (!TAGS.has(name)) throw new Error(`no tag of ours: ${token}`)
  for (const [, attribute = '', value = ''] of attributes.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
    if (!ATTRIBUTES.has(attribute)) throw new Error(`no attribute of ours: ${token}`)
    if (attribute === 'src' && !value.startsWith('cid:')) throw new Error(`something remote: ${token}`)
    if (attribute === 'style' && /url|expression|[{}]/i.test(value)) throw new Error(`style: ${token}`)
    decode(value)
  }
  return slash + name
}

function nest(tag: string, open: string[]): void {
  if (VOID.has(tag)) return
  if (!tag.startsWith('/')) open.push(tag)
  else if (open.pop() !== tag.slice(1)) throw new Error(`${tag} closes nothing`)
}

function readText(token: string, open: readonly string[]): string {
  const inBody = open.includes('body') && !['table', 'tr'].includes(open.at(-1) ?? '')
  if (!inBody && token.trim() !== '' && open.at(-1) !== 'title') throw new Error(`stray text: ${token}`)
  return inBody ? decode(token) : ''
}

function decode(value: string): string {
  return value.replace(/&[^;\s]*;?/g, (entity) => {
    const character = ENTITIES[entity]
    if (character === undefined) throw new Error(`no entity of ours: ${entity}`)
    return character
  })
}
