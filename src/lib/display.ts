/** Untrusted text made safe to show: in terminals, logs, mails and chat. */

// Controls (C0, C1, DEL), formats (bidi, zero-width, soft hyphen, tags, BOM), lone surrogates, line and paragraph separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Replaces every character that could move a cursor, hide or reorder text by a visible escape, and cuts
 * after `maxCodePoints` with an ellipsis. Idempotent on its own output.
 */
export function display(untrusted: string, maxCodePoints = 256): string {
  const visible = untrusted.replace(UNSAFE, visibleEscape)
  const points = [...visible]
  return points.length <= maxCodePoints ? visible : `${points.slice(0, maxCodePoints - 1).join('')}…`
}

function visibleEscape(character: string): string {
  switch (character) {
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    case '\t':
      return '\\t'
    default:
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  }
}
