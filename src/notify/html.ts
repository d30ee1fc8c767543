/** Markup that is safe to send: made by the `html` tag alone. */
export interface Html {
  readonly markup: string
}

export type HtmlValue = string | number | Html | readonly Html[]

/** A template whose strings become text, whatever they hold; only other `html` values keep their markup (S38). */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = pieces.map((piece, index) => {
    const value = values[index]
    return value === undefined ? piece : piece + markupOf(value)
  })
  return { markup: markup.join('') }
}

/** Several pieces as one, with a line end between them: mail is read in its source, too. */
export function joined(pieces: readonly Html[]): Html {
  return { markup: pieces.map(({ markup }) => markup).join('\n') }
}

function markupOf(value: HtmlValue): string {
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : joined(value).markup
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
