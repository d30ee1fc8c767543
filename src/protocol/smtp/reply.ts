/** Replies of an SMTP server (RFC 5321 §4.2). */

export interface SmtpReply {
  readonly code: number
  /** The texts behind the code, one per line. */
  readonly lines: readonly string[]
}

export interface ReplyLine {
  readonly code: number
  readonly last: boolean
  readonly text: string
}

// RFC 5321 §4.2: Reply-code = %x32-35 %x30-35 %x30-39; a bare code without text is accepted from a server.
const REPLY_LINE = /^([2-5][0-5][0-9])(?:([ -])(.*))?$/s

/** Reads one line without its line end; null when it is no reply line. */
export function parseReplyLine(line: string): ReplyLine | null {
  const [, code, separator, text] = REPLY_LINE.exec(line) ?? []
  return code === undefined ? null : { code: Number(code), last: separator !== '-', text: text ?? '' }
}

/** The reply in one line, as a person would quote it. */
export function formatReply(reply: SmtpReply): string {
  return `${reply.code} ${reply.lines.join(' / ')}`.trimEnd()
}
