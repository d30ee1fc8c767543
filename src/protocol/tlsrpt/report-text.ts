import type { Note } from './deviation.ts'
import { countMembers, scanJson } from './json-scan.ts'

/** The largest JSON text we look at, in bytes (of a string: characters). */
export const REPORT_BYTES = 20 * 1024 * 1024

/**
 * The first complete JSON value of a text or of bytes, or null with a note when there is none to be had. RFC 8460 §4 says
 * I-JSON, which is UTF-8 without byte order mark and without repeated names.
 */
export function readReportText(source: string | Uint8Array, note: Note): { readonly value: unknown } | null {
  if (source.length > REPORT_BYTES) {
    note('report-too-large', '', `${source.length} bytes; at most ${REPORT_BYTES}`)
    return null
  }
  const text = withoutBom(typeof source === 'string' ? source : decode(source, note), note)
  const start = /[^ \t\r\n]/.exec(text)?.[0]
  if (start === '<') {
    note('xml-not-json', '', text.slice(0, 80))
    return null
  }
  return parse(text, note)
}

function parse(text: string, note: Note): { readonly value: unknown } | null {
  const scan = scanJson(text)
  if (scan.fault !== null) {
    note(scan.fault === 'depth' ? 'json-too-deep' : 'json-too-many-values', '')
    return null
  }
  let value: unknown
  try {
    value = JSON.parse(text.slice(0, scan.end))
  } catch {
    note('not-json', '', text.slice(0, 80))
    return null
  }
  const rest = text.slice(scan.end).trim()
  if (rest !== '') note('trailing-text', '', rest.slice(0, 80))
  if (countMembers(value) < scan.members) note('duplicate-member', '')
  return { value }
}

function withoutBom(text: string, note: Note): string {
  if (!text.startsWith('\ufeff')) return text
  note('byte-order-mark', '')
  return text.slice(1)
}

/** RFC 7493 §2.1 wants UTF-8; UTF-16 is recognised by its mark or its zero bytes, all else read as UTF-8 with gaps. */
function decode(bytes: Uint8Array, note: Note): string {
  const [first, second] = bytes
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
  if (bytes.length >= 2 && (isBig || isLittle)) {
    note('encoding', '', 'UTF-16')
    return new TextDecoder(isBig ? 'utf-16be' : 'utf-16le').decode(bytes)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    note('encoding', '', 'bytes that are no UTF-8')
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }
}
