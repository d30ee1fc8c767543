// JSON leaves DEL, C1, bidi and other formats as they are. Line breaks between the values stay.
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** JSON text in which every character is escaped that a terminal or log viewer would obey or hide; it parses to the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) => character.split('').map(escaped).join(''))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
