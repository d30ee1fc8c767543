import { type Deviation, type Diary, type Note, openDiary } from '../protocol/tlsrpt/deviation.ts'
import {
  type ReportHints,
  type ReportMailHeaders,
  readReportFileName,
  reportHints,
} from '../protocol/tlsrpt/report-mail.ts'
import { type Base64Form, base64Form } from './base64-form.ts'
import { withoutEnvelopeLine } from './header-fields.ts'
import { INTAKE_LIMITS } from './limits.ts'
import { type MailPart, type ReportMail, readMail } from './mime.ts'
import { type ContentKind, sniff } from './sniff.ts'
import { type Budget, unwrap } from './unwrap.ts'

/** Something that may be a report: the bytes of its JSON, out of all containers. */
export interface Candidate {
  /** Several when a zip holds several files, none when a container could not be opened. */
  readonly texts: readonly Uint8Array[]
  readonly hints: ReportHints
  /** Whether type or name say it is a TLS report, or it is all there is: then failing to read it matters. */
  readonly claimed: boolean
  readonly deviations: readonly Deviation[]
}

export interface Extraction {
  readonly candidates: readonly Candidate[]
  /** Of the mail itself. */
  readonly deviations: readonly Deviation[]
  /** Null: it is no mail. */
  readonly mail: MailHead | null
}

/** What tells one mail from another, and whether it says that it brings a TLS report. */
export interface MailHead {
  /** As sent, decoded; null: not there or not to be read. The same for the others. */
  readonly messageId: string | null
  readonly from: string | null
  readonly subject: string | null
  readonly claimed: boolean
}

const UNREAD_HEAD: MailHead = { messageId: null, from: null, subject: null, claimed: false }

const NO_HEADERS: ReportMailHeaders = {
  tlsReportDomain: null,
  tlsReportSubmitter: null,
  subject: null,
  fromAddress: null,
  sentAt: null,
}

/**
 * Finds what may be a report in a file of any kind: JSON, gzip, zip, or a mail with one in it. Magic bytes beat the media
 * type, the media type beats the name. `fileName` is the file's own, if it has one; `kind` is given when it is known
 * better than from the first bytes. Limits are checked before anything is inflated or parsed; never throws for what a
 * sender wrote.
 */
export async function extractReports(
  bytes: Uint8Array,
  fileName: string | null,
  kind: ContentKind = sniff(bytes),
): Promise<Extraction> {
  const mail = openDiary()
  const limit = kind === 'mail' ? INTAKE_LIMITS.mailBytes : INTAKE_LIMITS.jsonBytes
  if (bytes.length > limit) {
    mail.note('input-too-large', '', `${bytes.length} bytes; at most ${limit}`)
    return { candidates: [], deviations: mail.entries(), mail: kind === 'mail' ? UNREAD_HEAD : null }
  }
  const budget: Budget = { left: INTAKE_LIMITS.jsonBytes }
  if (kind === 'mail') {
    const { head, candidates } = await openMail(bytes, budget, mail, 0)
    return { candidates, deviations: mail.entries(), mail: head }
  }
  const diary = openDiary()
  const texts = await unwrap(bytes, budget, diary.note)
  const hints = reportHints(NO_HEADERS, fileName)
  const candidates = [{ texts, hints, claimed: true, deviations: diary.entries() }]
  return { candidates, deviations: [], mail: null }
}

async function openMail(
  bytes: Uint8Array,
  budget: Budget,
  diary: Diary,
  depth: number,
): Promise<{ readonly head: MailHead; readonly candidates: Candidate[] }> {
  const mail = await readMail(withoutEnvelopeLine(bytes))
  if ('fault' in mail) {
    diary.note(mail.fault, '')
    return { head: UNREAD_HEAD, candidates: [] }
  }
  const head = headOf(mail)
  const parts = candidateParts(mail)
  if (parts.length > INTAKE_LIMITS.candidates) diary.note('too-many-candidates', '', parts.length)
  const candidates: Candidate[] = []
  const form = base64Form(bytes)
  for (const part of parts.slice(0, INTAKE_LIMITS.candidates)) {
    candidates.push(await openPart(part, mail, form, budget))
  }
  if (candidates.length > 0) noteForm(mail, diary.note)
  // What we sent ourselves may come back: no report to us.
  if (depth > 0 || mail.isReturn) return { head, candidates }
  for (const { bytes: inner } of mail.parts.filter(isMailPart).slice(0, INTAKE_LIMITS.candidates)) {
    const { candidates: found } = await openMail(inner, budget, diary, depth + 1)
    if (found.length > 0) diary.note('forwarded', '')
    candidates.push(...found)
  }
  return { head, candidates }
}

function headOf({ headers, messageId, isTlsReport }: ReportMail): MailHead {
  return {
    messageId,
    from: headers.fromAddress,
    subject: headers.subject,
    claimed: isTlsReport || headers.tlsReportDomain !== null,
  }
}

function candidateParts({ parts, text }: ReportMail): MailPart[] {
  const found = parts.filter((part) => isClaimed(part) || (!isMailPart(part) && mayHoldReport(part.bytes)))
  if (found.length > 0 || text === null) return found
  const bytes = reportInText(text)
  return bytes === null ? [] : [{ mediaType: 'text/plain', fileName: null, bytes }]
}

/** Some tools put the report's JSON, or its base64, into the text of the mail. */
function reportInText(text: string): Uint8Array | null {
  const bytes = Buffer.from(text)
  if (mayHoldReport(bytes)) return bytes
  const start = text.search(/^[ \t]*\{/m)
  return start !== -1 && text.includes('"policies"', start) ? Buffer.from(text.slice(start)) : null
}

function isMailPart({ mediaType }: MailPart): boolean {
  return mediaType === 'message/rfc822'
}

function isClaimed({ mediaType, fileName }: MailPart): boolean {
  return /^application\/tlsrpt\b/.test(mediaType) || readReportFileName(fileName ?? '') !== null
}

const REPORT_KINDS: readonly ContentKind[] = ['json', 'gzip', 'zlib', 'zip', 'base64']

function mayHoldReport(bytes: Uint8Array): boolean {
  return REPORT_KINDS.includes(sniff(bytes))
}

async function openPart(
  part: MailPart,
  { headers }: ReportMail,
  form: Base64Form,
  budget: Budget,
): Promise<Candidate> {
  const { note, entries } = openDiary()
  noteMediaType(part, note)
  const texts = await unwrap(part.bytes, budget, note)
  const isOpened = texts.length > 0 && part.mediaType !== 'text/plain'
  if (isOpened && form.isDamaged(part.bytes)) note('base64-damaged', '')
  return {
    texts,
    hints: reportHints(headers, part.fileName),
    claimed: isClaimed(part),
    deviations: entries(),
  }
}

function noteMediaType({ mediaType, bytes }: MailPart, note: Note): void {
  const expected: ContentKind | null =
    { 'application/tlsrpt+gzip': 'gzip' as const, 'application/tlsrpt+json': 'json' as const }[mediaType] ??
    null
  if (expected === null) note('media-type', '', mediaType)
  else if (sniff(bytes) !== expected) note('media-type-disagrees', '', mediaType)
}

/** RFC 8460 §5.3: what the mail around the report should look like. */
function noteForm(mail: ReportMail, note: Note): void {
  if (!mail.isTlsReport) note('not-multipart-report', '')
  if (mail.text === null) note('human-part-missing', '')
  if (mail.headers.tlsReportDomain === null) note('tls-report-domain-missing', '')
  if (mail.headers.tlsReportSubmitter === null) note('tls-report-submitter-missing', '')
}
