/** What receivers insist on in the mail around a report: RFC 8460 §5.1 and §5.3, RFC 6376, and habits of strict ones. */

import { type ArrivedReport, contactDomain, header, parsed, type ReceiverRule } from './receiver-rules.ts'

/** `Report Domain: D Submitter: S Report-ID: <left@right>`, words and order as they stand. */
export function subjectHasTheForm(report: ArrivedReport): string | null {
  const subject = header(report, 'Subject') ?? ''
  return subjectOf(subject) === null ? subject : null
}

function subjectOf(subject: string) {
  return /^Report Domain: (\S+) Submitter: (\S+) Report-ID: <([^<>\s@]+@[^<>\s@]+)>$/.exec(subject)
}

/** `sender!policy-domain!begin!end[!unique].json.gz`, seconds, unique of letters and digits. */
export function fileNameHasTheForm({ fileName }: ArrivedReport): string | null {
  return nameOf(fileName) === null ? fileName : null
}

function nameOf(fileName: string) {
  return /^([a-z0-9.-]+)!([a-z0-9._-]+)!(\d{1,12})!(\d{1,12})(?:![A-Za-z0-9]+)?\.json\.gz$/.exec(fileName)
}

/** RFC 8460 §5.6: what stands outside says the same as the report. */
export function nameAndSubjectAgreeWithTheReport(report: ArrivedReport): string | null {
  const range = parsed(report)['date-range'] as Record<string, string>
  const seconds = (name: string) => String(Date.parse(range[name] ?? '') / 1_000)
  const about = [header(report, 'TLS-Report-Domain'), header(report, 'TLS-Report-Submitter')]
  const [, domain, submitter, id] = subjectOf(header(report, 'Subject') ?? '') ?? []
  const [, sender, policyDomain, begin, end] = nameOf(report.fileName) ?? []
  const outside = [domain, submitter, id, policyDomain, sender, begin, end]
  const inside = [
    ...about,
    parsed(report)['report-id'],
    ...about,
    seconds('start-datetime'),
    seconds('end-datetime'),
  ]
  const at = outside.findIndex((one, index) => one !== inside[index])
  return at < 0 ? null : `${outside[at]} is not ${inside[at]}`
}

/** RFC 8460 §5.3: the submitter is the domain of the contact; DMARC wants From to be of it too. */
export function submitterIsTheContactsDomain(report: ArrivedReport): string | null {
  const submitter = header(report, 'TLS-Report-Submitter')
  const from = /@([a-z0-9.-]+)>?$/.exec(header(report, 'From') ?? '')?.[1] ?? null
  return submitter !== null && submitter === contactDomain(report) && submitter === from
    ? null
    : String(submitter)
}

/** Some readers take nothing but one text and one report. */
export function partsAreATextAndTheReport(report: ArrivedReport): string | null {
  const type = header(report, 'Content-Type') ?? ''
  if (!/^multipart\/report;(?:.*;)?\s*report-type="?tlsrpt"?(?:;|$)/i.test(type)) return type
  const [text, file, ...more] = report.parts
  const isRight = /^text\/plain\b/.test(text ?? '') && file === 'application/tlsrpt+gzip' && more.length === 0
  return isRight ? null : report.parts.join(', ')
}

/** RFC 5322 §3.6, once each. */
export function headersOfAnyMailAreThere(report: ArrivedReport): string | null {
  const wanted = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type']
  return wanted.find((name) => (header(report, name) ?? '') === '') ?? null
}

export function messageIdIsOfTheSubmitter(report: ArrivedReport): string | null {
  const id = header(report, 'Message-ID') ?? ''
  return /^<[^<>@\s]+@([a-z0-9.-]+)>$/.exec(id)?.[1] === header(report, 'TLS-Report-Submitter') ? null : id
}

/** RFC 8689 §3, RFC 3834 §5: delivered in spite of broken TLS, and answered by nobody's vacation. */
export function mailAsksForNoTlsAndNoAnswer(report: ArrivedReport): string | null {
  const [tls, auto] = [header(report, 'TLS-Required'), header(report, 'Auto-Submitted')]
  return tls === 'No' && auto === 'auto-generated' ? null : `${tls}, ${auto}`
}

export function signatureIsOfTheSubmitter(report: ArrivedReport): string | null {
  const domain = report.dkim?.signature.d ?? null
  return domain === header(report, 'TLS-Report-Submitter') ? null : String(domain)
}

/** RFC 8460 §3 */
export function signatureCoversTheWholeBody({ dkim }: ArrivedReport): string | null {
  return dkim?.signature.l === undefined ? null : `l=${dkim.signature.l}`
}

export function signatureCoversTheHeaders({ dkim }: ArrivedReport): string | null {
  const signed = new Set((dkim?.signature.h ?? '').toLowerCase().split(/\s*:\s*/))
  const wanted =
    'from to subject date message-id mime-version content-type tls-report-domain tls-report-submitter'
  return wanted.split(' ').find((name) => !signed.has(name)) ?? null
}

/** RFC 8301 §3.2 */
export function signatureIsOfAStrongAlgorithm({ dkim }: ArrivedReport): string | null {
  const algorithm = String(dkim?.signature.a)
  if (!['rsa-sha256', 'ed25519-sha256'].includes(algorithm)) return algorithm
  const bytes = Buffer.from(dkim?.key.p ?? '', 'base64').length
  // 2048 bits and the wrapping of the key.
  return algorithm === 'rsa-sha256' && bytes < 290 ? `${bytes} bytes of key` : null
}

/** RFC 6376 §3.6.1: without s=, with `*`, or with tlsrpt in it. */
export function keyServesTlsReports({ dkim }: ArrivedReport): string | null {
  const services = (dkim?.key.s ?? '*').split(/\s*:\s*/)
  return services.includes('*') || services.includes('tlsrpt') ? null : `s=${services.join(':')}`
}

export const MAIL_RULES = [
  subjectHasTheForm,
  fileNameHasTheForm,
  nameAndSubjectAgreeWithTheReport,
  submitterIsTheContactsDomain,
  partsAreATextAndTheReport,
  headersOfAnyMailAreThere,
  messageIdIsOfTheSubmitter,
  mailAsksForNoTlsAndNoAnswer,
] as const satisfies readonly ReceiverRule[]

export const SIGNATURE_RULES = [
  signatureIsOfTheSubmitter,
  signatureCoversTheWholeBody,
  signatureCoversTheHeaders,
  signatureIsOfAStrongAlgorithm,
  keyServesTlsReports,
] as const satisfies readonly ReceiverRule[]
