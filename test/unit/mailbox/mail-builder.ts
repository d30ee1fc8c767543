import { gzipSync } from 'node:zlib'
import { plainReport } from '../protocol/tlsrpt/report-builder.ts'

export const REPORT = Buffer.from(JSON.stringify(plainReport()))
export const GZIPPED = gzipSync(REPORT)

export interface PartSpec {
  readonly type: string
  readonly body: Uint8Array | string
  /** base64 unless given. */
  readonly encoding?: '8bit' | 'quoted-printable' | 'base64'
  readonly name?: string
  /** The body as it is to stand in the mail, already encoded. */
  readonly isRaw?: boolean
}

export interface MailSpec {
  readonly contentType?: string
  readonly subject?: string
  readonly boundary?: string
  /** Whole header lines; null leaves out the TLS-Report headers. */
  readonly reportHeaders?: readonly string[]
  readonly parts: readonly PartSpec[]
}

export const HUMAN: PartSpec = { type: 'text/plain', body: 'A report.', encoding: '8bit' }
export const MACHINE: PartSpec = {
  type: 'application/tlsrpt+gzip',
  body: GZIPPED,
  name: 'sender.example!a.example!1768003200!1768089599.json.gz',
}

/** A multipart mail; as RFC 8460 §5.3 wants it unless told otherwise. */
export function mail({ contentType, subject, boundary = 'b0', reportHeaders, parts }: MailSpec): Buffer {
  const headers = [
    'From: TLS reports <tls@sender.example>',
    'To: reports@a.example',
    'Date: Sun, 11 Jan 2026 03:00:00 +0000',
    `Subject: ${subject ?? 'Report Domain: a.example Submitter: sender.example Report-ID: <r1@sender.example>'}`,
    ...(reportHeaders ?? ['TLS-Report-Domain: a.example', 'TLS-Report-Submitter: sender.example']),
    'MIME-Version: 1.0',
    `Content-Type: ${contentType ?? 'multipart/report; report-type="tlsrpt"'}; boundary="${boundary}"`,
  ]
  return Buffer.concat([
    Buffer.from(`${headers.join('\r\n')}\r\n\r\n`),
    ...parts.flatMap((one) => [Buffer.from(`--${boundary}\r\n`), part(one), Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ])
}

/** A part with its headers; a mail of this part alone when mail headers are put before it. */
export function part({ type, body, encoding = 'base64', name, isRaw = false }: PartSpec): Buffer {
  const disposition = name === undefined ? '' : `Content-Disposition: attachment; filename="${name}"\r\n`
  const headers = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n${disposition}\r\n`
  return Buffer.concat([
    Buffer.from(headers),
    isRaw ? Buffer.from(body) : encode(Buffer.from(body), encoding),
  ])
}

function encode(body: Buffer, encoding: '8bit' | 'quoted-printable' | 'base64'): Buffer {
  if (encoding === '8bit') return body
  if (encoding === 'base64') return Buffer.from(body.toString('base64').replace(/.{76}/g, '$&\r\n'))
  const escaped = body
    .toString('latin1')
    .replace(/[^!-<>-~ ]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  return Buffer.from(escaped.replace(/.{60}/g, '$&=\r\n'))
}

/** A zip of files, deflated by the caller if at all. */
export function zip(
  files: readonly { name: string; bytes: Uint8Array; method?: 0 | 8; flags?: number }[],
): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, method = 0, flags = 0 } of files) {
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(bytes.length, 20)
    entry.writeUInt16LE(Buffer.byteLength(name), 28)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), Buffer.from(bytes))
    directory.push(entry, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + bytes.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}
