import type { Note } from '../protocol/tlsrpt/deviation.ts'
import { type Inflated, inflate } from './inflate.ts'
import { INTAKE_LIMITS } from './limits.ts'
import { sniff } from './sniff.ts'
import { listZip } from './unzip.ts'

/** How many bytes may still come out of containers; shared by all parts of one mail. */
export interface Budget {
  left: number
}

/**
 * The innermost contents of gzip, zlib, zip and base64 around a report, at most two layers deep. Empty, with a note, when
 * a layer cannot be opened.
 */
export async function unwrap(
  bytes: Uint8Array,
  budget: Budget,
  note: Note,
  layer = 0,
): Promise<Uint8Array[]> {
  const kind = sniff(bytes)
  if (kind !== 'gzip' && kind !== 'zlib' && kind !== 'zip' && kind !== 'base64') return [bytes]
  if (layer >= INTAKE_LIMITS.compressionLayers) {
    note('compressed-too-often', '')
    return []
  }
  if (kind === 'base64') {
    note('base64-twice', '')
    return unwrap(Buffer.from(Buffer.from(bytes).toString('latin1'), 'base64'), budget, note, layer)
  }
  if (bytes.length > INTAKE_LIMITS.compressedBytes) {
    note('part-too-large', '', `${bytes.length} bytes; at most ${INTAKE_LIMITS.compressedBytes}`)
    return []
  }
  if (layer > 0) note('compressed-twice', '')
  const contents = await (kind === 'zip'
    ? openZip(bytes, budget, note)
    : openStream(bytes, kind, budget, note))
  const inner = await Promise.all(contents.map((content) => unwrap(content, budget, note, layer + 1)))
  return inner.flat()
}

async function openStream(
  bytes: Uint8Array,
  format: 'gzip' | 'zlib' | 'raw',
  budget: Budget,
  note: Note,
): Promise<Uint8Array[]> {
  if (format === 'zlib') note('zlib-container', '')
  return take(await inflate(bytes, format, budget.left), budget, note)
}

async function openZip(bytes: Uint8Array, budget: Budget, note: Note): Promise<Uint8Array[]> {
  note('zip-container', '')
  const entries = listZip(bytes, INTAKE_LIMITS.zipEntries)
  if (entries === null) note('zip-damaged', '')
  const contents: Uint8Array[] = []
  for (const entry of entries ?? []) {
    const inflated: Inflated =
      entry.method === 'deflated'
        ? await inflate(entry.bytes, 'raw', budget.left)
        : { bytes: entry.bytes, end: 'clean' }
    contents.push(...take(inflated, budget, note))
  }
  return contents
}

function take(inflated: Inflated, budget: Budget, note: Note): Uint8Array[] {
  const isBomb = 'fault' in inflated && inflated.fault === 'too-large'
  if (isBomb || ('bytes' in inflated && inflated.bytes.length > budget.left)) {
    note('report-too-large', '')
    // What follows in this mail costs nothing any more.
    budget.left = 0
    return []
  }
  if ('fault' in inflated) {
    note('compression-damaged', '')
    return []
  }
  budget.left -= inflated.bytes.length
  if (inflated.end === 'cut-short') note('gzip-cut-short', '')
  if (inflated.end === 'trailing') note('gzip-trailing-bytes', '')
  return [inflated.bytes]
}
