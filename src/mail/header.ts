/** Header fields from untrusted text: nothing gets in that could end one or begin another (S37). */

/** Bytes of text in one encoded-word: with its name before it, a line stays within 76 characters (RFC 2047 §2). */
const WORD_BYTES = 39
const LINE_WIDTH = 76

/**
 * `Name: text`, folded, in ASCII: plain words as they are, everything else as RFC 2047 encoded-words. Control
 * characters become blanks and runs of white space one blank. The name must be a constant of ours.
 */
export function textHeader(name: string, text: string): string {
  const clean = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
  // Text that looks like an encoded-word would be decoded by the reader into something that we never wrote.
  const plain = /^[\x20-\x7e]*$/.test(clean) && !clean.includes('=?')
  return fold(name, plain ? clean.split(' ') : encodedWords(clean), ' ')
}

/** `Name: item<separator> item`, folded between the items, which must be safe already (addresses, message ids). */
export function listHeader(name: string, items: readonly string[], separator: ',' | ''): string {
  return fold(name, items, `${separator} `)
}

function encodedWords(text: string): readonly string[] {
  const words: string[] = []
  let chunk = ''
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > WORD_BYTES) {
      words.push(chunk)
      chunk = ''
    }
    chunk += character
  }
  return [...words, chunk].map((word) => `=?UTF-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`)
}

function fold(name: string, parts: readonly string[], separator: string): string {
  let header = `${name}:`
  let width = header.length
  parts.forEach((part, index) => {
    const piece = index < parts.length - 1 ? part + separator.trimEnd() : part
    const fits = index === 0 || width + 1 + piece.length <= LINE_WIDTH
    header += fits ? ` ${piece}` : `\r\n ${piece}`
    width = fits ? width + 1 + piece.length : 1 + piece.length
  })
  return header
}
