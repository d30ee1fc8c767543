/** Answers of the lab's mailbox server that need some composing. */

import type { UnixMs } from '../lib/time.ts'
import type { LabMail } from './imap-folder.ts'
import type { ImapToken } from './imap-syntax.ts'
import type { ImapMode } from './imap-trouble.ts'
import type { ImapView } from './imap-view.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A literal in an answer, which may be sent in part. */
export interface LiteralPart {
  readonly head: string
  readonly bytes: Buffer
}

/** RFC 3501: what SELECT tells of a folder. */
export function selectAnswer({ folder, size }: ImapView, mode: ImapMode | null): string {
  const system = '\\Answered \\Flagged \\Deleted \\Seen \\Draft'
  const used = [...new Set(folder.mails.flatMap(({ flags }) => [...flags]))].filter(
    (flag) => !flag.startsWith('\\'),
  )
  return [
    `* FLAGS (${[system, ...used].join(' ')})`,
    `* ${size} EXISTS`,
    '* 0 RECENT',
    ...(mode === 'no-uidvalidity' ? [] : [`* OK [UIDVALIDITY ${folder.uidValidity}] UIDs valid`]),
    `* OK [UIDNEXT ${folder.uidNext}] Predicted next UID`,
    `* OK [PERMANENTFLAGS (${system}${mode === 'no-keywords' ? '' : ' \\*'})] Limited`,
    '',
  ].join('\r\n')
}

/** One FETCH answer: text, and the literal last when the body was asked for; `size` is what RFC822.SIZE claims. */
export function fetchAnswer(
  number: number,
  mail: LabMail,
  items: readonly ImapToken[],
  size: number,
): { readonly text: string; readonly literal: LiteralPart | null } {
  const parts = [`UID ${mail.uid}`]
  let literal: LiteralPart | null = null
  for (const item of items.map(String)) {
    const body = /^BODY(\.PEEK)?\[\](?:<(\d+)\.(\d+)>)?$/i.exec(item)
    if (body !== null) {
      const [, peek, from = '0', count = String(mail.raw.length)] = body
      if (peek === undefined) mail.flags.add('\\Seen')
      const bytes = mail.raw.subarray(Number(from), Number(from) + Number(count))
      literal = { head: `BODY[]${body[2] === undefined ? '' : `<${from}>`} {${bytes.length}}\r\n`, bytes }
    } else if (/^FLAGS$/i.test(item)) parts.push(`FLAGS (${[...mail.flags].join(' ')})`)
    else if (/^INTERNALDATE$/i.test(item)) parts.push(`INTERNALDATE "${internalDate(mail.receivedAt)}"`)
    else if (/^RFC822\.SIZE$/i.test(item)) parts.push(`RFC822.SIZE ${size}`)
  }
  return { text: `* ${number} FETCH (${parts.join(' ')}${literal === null ? ')\r\n' : ' '}`, literal }
}

function internalDate(at: UnixMs): string {
  const date = new Date(at)
  const day = String(date.getUTCDate()).padStart(2, ' ')
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`
}
