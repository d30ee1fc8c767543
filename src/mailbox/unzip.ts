/** The directory of a zip file: enough to find the one JSON file that some senders put into a zip. */

export interface ZipEntry {
  /** Untrusted; never used as a path. */
  readonly name: string
  readonly method: 'stored' | 'deflated'
  /** A view of the file's bytes as they lie in the zip. */
  readonly bytes: Uint8Array
}

const END_RECORD = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const ENCRYPTED = 1

/**
 * The files of a zip in the order of its directory, folders left out, at most `maxEntries` looked at. Null when it is no
 * zip that can be read: cut, encrypted, zip64, or compressed by anything but deflate. Sizes in it are not believed:
 * inflate with a limit.
 */
export function listZip(bytes: Uint8Array, maxEntries: number): readonly ZipEntry[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEndRecord(view)
  if (end === null) return null
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  const entries: ZipEntry[] = []
  for (let index = 0; index < Math.min(count, maxEntries); index++) {
    if (at + 46 > end || view.getUint32(at, true) !== DIRECTORY_ENTRY) return null
    const entry = readEntry(bytes, view, at)
    if (entry === null) return null
    if (!/\/$|^__MACOSX\//.test(entry.name)) entries.push(entry)
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

/** It stands at the end, before a comment of at most 65,535 bytes. */
function findEndRecord(view: DataView): number | null {
  const last = view.byteLength - 22
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === END_RECORD) return at
  }
  return null
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): ZipEntry | null {
  const flags = view.getUint16(at + 8, true)
  const method = view.getUint16(at + 10, true)
  const size = view.getUint32(at + 20, true)
  const nameEnd = at + 46 + view.getUint16(at + 28, true)
  const local = view.getUint32(at + 42, true)
  if ((flags & ENCRYPTED) !== 0 || (method !== 0 && method !== 8)) return null
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL_HEADER) return null
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (start + size > view.byteLength) return null
  const name = Buffer.from(bytes.subarray(at + 46, nameEnd)).toString('utf8')
  return { name, method: method === 0 ? 'stored' : 'deflated', bytes: bytes.subarray(start, start + size) }
}
