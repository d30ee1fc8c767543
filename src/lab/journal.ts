/** What the lab's servers saw, in order: for assertions about politeness and about what was never sent. */

import type { UnixMs } from '../lib/time.ts'

export interface Journal {
  readonly dns: DnsEntry[]
  readonly https: HttpsEntry[]
  readonly smtp: SmtpEntry[]
  readonly faces: FaceEntry[]
}

export interface DnsEntry {
  readonly at: UnixMs
  /** Its number; the name of an authoritative server. */
  readonly resolver: number | string
  readonly transport: 'udp' | 'tcp'
  readonly name: string
  readonly type: string
}

/** One connection to a policy host. */
export interface HttpsEntry {
  readonly at: UnixMs
  readonly address: string
  /** Null until the client named one in its hello. */
  sni: string | null
  /** The request line and header fields as received; null when no request came. */
  request: string | null
  /** Bytes of TLS payload written to the client so far. */
  bytesSent: number
  ended: boolean
}

/** One connection to an MX host. */
export interface SmtpEntry {
  readonly at: UnixMs
  readonly address: string
  /** 25, or 587 for submission. */
  readonly port: number
  /** As given in the last EHLO. */
  ehloName: string | null
  sni: string | null
  /** Whether a TLS handshake was completed. */
  secured: boolean
  /** Command lines as received, before and after TLS. */
  readonly commands: string[]
  quit: boolean
  ended: boolean
}

/** One connection to a port that speaks TLS from the first byte. */
export interface FaceEntry {
  readonly at: UnixMs
  readonly address: string
  readonly port: number
  sni: string | null
}

/** One connection to the mailbox of TLS reports. */
export interface ImapEntry {
  readonly at: UnixMs
  /** TLS from the first byte. */
  readonly implicit: boolean
  /** Every line or command that the client sent, as latin1, and whether it came through TLS. */
  readonly commands: { readonly text: string; readonly secured: boolean }[]
  ended: boolean
}

/** An empty journal. */
export function newJournal(): Journal {
  return { dns: [], https: [], smtp: [], faces: [] }
}
