/** Untrusted text made safe to show: in terminals, logs, mails and chat. */

// C0, C1, DEL, bidi controls, zero-width, line and paragraph separators, BOM, lone surrogates.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

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
