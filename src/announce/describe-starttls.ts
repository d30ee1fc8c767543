import type { Description, RemedyLine } from '../model/description.ts'
import {
  addressLines,
  code,
  type Describers,
  type FindingOf,
  hostName,
  inMode,
  refusedBySenders,
  share,
  text,
} from './words.ts'

type StartTlsCode = 'mx.starttls.missing' | 'mx.starttls.refused' | 'mx.starttls.injection' | 'mx.tls.failed'

/** What went wrong between EHLO and the certificate, in words. */
export const STARTTLS_WORDS: Describers<StartTlsCode> = {
  'mx.starttls.missing': (finding) =>
    describe(finding, {
      what: 'does not offer STARTTLS',
      expected: 'STARTTLS was expected in the answer to EHLO.',
      remedy: [
        text('Switch TLS on in the mail server. With Postfix:'),
        code('smtpd_tls_security_level = may'),
        text(
          'If it is on, something between the host and this monitor removes it (a firewall with "SMTP fixup" shows XXXXXXXA): switch that off. If your own look from another network shows STARTTLS, it happens near this monitor.',
        ),
      ],
      rfc: 'RFC 8461 §4.2',
    }),
  'mx.starttls.refused': (finding) =>
    describe(finding, {
      what: 'offers STARTTLS and then refuses it',
      expected: '220 was expected to STARTTLS.',
      remedy: [
        text(
          'Usually the server cannot read its certificate or key: see its log, correct the file or its permissions, and reload.',
        ),
      ],
      rfc: 'RFC 3207 §4',
    }),
  'mx.starttls.injection': (finding) =>
    describe(finding, {
      what: 'sends plain text after it agreed to STARTTLS',
      expected: 'After 220 the TLS handshake must follow, and nothing else.',
      remedy: [
        text(
          'Either somebody on the way injects commands, or the server has the STARTTLS injection fault: update the mail server, and compare with a look from another network.',
        ),
      ],
      rfc: 'RFC 3207 §6',
    }),
  'mx.tls.failed': (finding) =>
    describe(finding, {
      what: 'fails in the TLS handshake',
      expected: 'A handshake with TLS 1.2 or newer was expected.',
      remedy: [
        text(
          'See the log of the mail server for the reason; allow TLS 1.2 and 1.3, and see that certificate and key belong together. With Postfix:',
        ),
        code('smtpd_tls_protocols = >=TLSv1.2'),
      ],
      rfc: 'RFC 8461 §7.2',
    }),
}

const UNPROTECTED = 'Mail to this host travels in plain text, or not at all from senders that insist on TLS.'
const DANE_INSISTS =
  'The host has TLSA records that DNSSEC protects, so senders that do DANE insist on TLS and do not deliver without (RFC 7672 §2.2). '

interface Core {
  readonly what: string
  readonly expected: string
  readonly remedy: readonly RemedyLine[]
  readonly rfc: string
}

function describe({ evidence }: FindingOf<StartTlsCode>, { what, expected, remedy, rfc }: Core): Description {
  const { host, failures, of, mode, dane } = evidence
  const target = failures[0]?.address ?? host
  const isPolicied = mode === 'enforce' || mode === 'testing'
  return {
    title: `MX ${hostName(host)} ${what}${share(failures.length, of)}${inMode(mode)}`,
    seen: `${expected} ${addressLines(failures)}.`,
    impact: `${dane ? DANE_INSISTS : ''}${isPolicied ? refusedBySenders(mode, failures.length < of) : UNPROTECTED}`,
    remedy: [
      ...remedy,
      text('Then try:'),
      code(
        `openssl s_client -starttls smtp -connect ${target.includes(':') ? `[${target}]` : target}:25 -servername ${host} </dev/null`,
      ),
    ],
    rfc,
  }
}
