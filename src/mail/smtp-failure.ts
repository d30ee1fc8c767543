import type { SmtpServer } from '../protocol/smtp/submission-url.ts'

/** What nodemailer's connection throws. */
export interface SmtpError extends Error {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
}

/**
 * One sentence about a mail that was not handed in: where, what was answered, and what to do where a setting of ours can
 * be the reason. `text` is the error, made safe to show; it stands in the sentence whole.
 */
export function smtpFailure(error: SmtpError, text: string, server: SmtpServer): string {
  const place = `${server.host}:${server.port}`
  const { code = '', responseCode } = error
  const command = error.command ?? ''
  if (code === 'EAUTH' || command.startsWith('AUTH')) return loginFailure(responseCode, text, place)
  if (command === 'STARTTLS' && responseCode !== undefined) {
    return `${place} does not do STARTTLS (${text}); use smtps:// in SMTP_URL if it has TLS from the start (port 465), else another server`
  }
  if (isNameUnknown(code, text)) {
    return `the name ${server.host} cannot be resolved (${text}); check the host in SMTP_URL and the DNS of this machine`
  }
  if (/ECONNREFUSED/.test(text))
    return `nobody listens at ${place} (${text}); check host and port in SMTP_URL`
  if (/EHOSTUNREACH|ENETUNREACH/.test(text))
    return `there is no way to ${place} (${text}); check the network of this machine`
  if (/wrong version number|packet length too long|record layer/i.test(text)) {
    return `${place} does not begin with TLS (${text}); use smtp:// in SMTP_URL, which is STARTTLS (port 587)`
  }
  if (isAboutCertificate(text)) {
    return `the certificate of ${place} does not hold (${text}); name the host as the certificate does, or renew it: nothing is sent to a server that cannot prove its name`
  }
  if (code === 'ETIMEDOUT') {
    const other = server.security === 'implicit' ? '' : ', and port 465 wants smtps:// in SMTP_URL'
    return `${place} did not answer in time (${text}); firewalls often block ports 25, 465 and 587${other}`
  }
  return responseCode === undefined ? text : `${place}: ${text}`
}

function loginFailure(responseCode: number | undefined, text: string, place: string): string {
  // RFC 4954 §6: 534 and 538 ask for another mechanism, the rest is about user and password.
  if (responseCode === undefined) {
    return `${place} offers no login that we know (${text}); leave user and password out of SMTP_URL, or use another port`
  }
  if (responseCode < 500) return `${place} cannot check the login now (${text})`
  return `${place} refuses the login (${text}); check user and password in SMTP_URL, percent-encoded, and whether the provider wants an application password`
}

function isNameUnknown(code: string, text: string): boolean {
  return code === 'EDNS' || /ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(text)
}

// The words of OpenSSL and of Node, with and without their codes.
const CERTIFICATE =
  /certificate|altnames|CERT_|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|unable to (?:verify|get)|DEPTH_ZERO/i

function isAboutCertificate(text: string): boolean {
  return CERTIFICATE.test(text)
}
