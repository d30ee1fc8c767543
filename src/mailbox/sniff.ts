export type ContentKind = 'gzip' | 'zlib' | 'zip' | 'json' | 'xml' | 'base64' | 'mail' | 'other'

/** What the first bytes say the content is; names and media types lie more often than they do. */
export function sniff(bytes: Uint8Array): ContentKind {
  const [first = 0, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  if (first === 0x50 && second === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) return 'zip'
  // RFC 1950 §2.2: method and window in the first byte, a check sum in both.
  if (first === 0x78 && (first * 256 + second) % 31 === 0 && second !== 0x5e) return 'zlib'
  const head = Buffer.from(bytes.subarray(0, 400)).toString('latin1')
  const start = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\0\s]*/.exec(head)?.[0].length ?? 0
  if (/[[{]/.test(head[start] ?? '')) return 'json'
  if (head[start] === '<') return 'xml'
  if (/^[A-Za-z0-9+/=\s]{16,}$/.test(head) && holdsReport(head)) return 'base64'
  // RFC 5322 §2.2: a header field; some tools put the envelope's "From " line before it.
  return /^\s*(?:From [^\n]*\n)?[!-9;-~]{1,76}:/.test(head) ? 'mail' : 'other'
}

function holdsReport(base64: string): boolean {
  return ['gzip', 'zip', 'json'].includes(sniff(Buffer.from(base64.trim().slice(0, 16), 'base64')))
}
