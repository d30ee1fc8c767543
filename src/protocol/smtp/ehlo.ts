import type { SmtpReply } from './reply.ts'

/** The extensions a server lists in its EHLO reply, as sent; the first line is its greeting (RFC 5321 §4.1.1.1). */
export function capabilitiesOf(reply: SmtpReply): readonly string[] {
  return reply.lines.slice(1).map((line) => line.trim())
}

/** Keywords are case-insensitive (RFC 5321 §2.4); STARTTLS has no parameters (RFC 3207 §2). */
export function offersStartTls(capabilities: readonly string[]): boolean {
  return capabilities.some((capability) => capability.toUpperCase() === 'STARTTLS')
}
