/** One line of input, or why it could not be taken whole. */
export type InputLine = { readonly text: string } | { readonly tooLong: true }

/** 16 Mi characters: beyond any policy or TXT answer, and what bounds the memory of a stream of lines. */
export const MAX_LINE_CHARACTERS = 2 ** 24

/**
 * Splits a stream of UTF-8 at LF (a CR before it is dropped), in batches: one for each chunk that completes a line, so
 * that a reader can answer a slow writer at once. Bytes that are no UTF-8 become U+FFFD; a byte order mark is kept. Only
 * the line under way is held in memory, and a line beyond `maxCharacters` is skipped and reported as too long.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array | string>,
  maxCharacters = MAX_LINE_CHARACTERS,
): AsyncGenerator<readonly InputLine[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let pieces: string[] = []
  let length = 0
  const keep = (piece: string) => {
    length += piece.length
    if (length <= maxCharacters) pieces.push(piece)
    else pieces = []
  }
  const complete = (): InputLine => {
    const line =
      length > maxCharacters ? ({ tooLong: true } as const) : { text: pieces.join('').replace(/\r$/, '') }
    pieces = []
    length = 0
    return line
  }
  for await (const chunk of source) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const [first = '', ...rest] = text.split('\n')
    keep(first)
    const batch = rest.map((piece) => {
      const line = complete()
      keep(piece)
      return line
    })
    if (batch.length > 0) yield batch
  }
  keep(decoder.decode())
  if (length > 0) yield [complete()]
}
