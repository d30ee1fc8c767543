/**
 * Removes WSP (space and tab, RFC 5234) from both ends. `String.trim` would also remove line breaks, no-break spaces and
 * byte order marks, which none of our grammars allows; a regular expression would be quadratic on long runs.
 */
export function trimWsp(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isWsp(text, start)) start++
  while (end > start && isWsp(text, end - 1)) end--
  return text.slice(start, end)
}

function isWsp(text: string, index: number): boolean {
  const character = text[index]
  return character === ' ' || character === '\t'
}
