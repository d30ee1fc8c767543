import type { FindingCode } from '../model/finding.ts'
import { type Describers, problemLines, quoted, quotedList, text, tlsrptRecordLine } from './words.ts'

const BLIND = 'Mail is not affected, but senders cannot tell you when TLS to your hosts fails.'

/** The TXT record at `_smtp._tls` in words. */
export const TLSRPT_WORDS: Describers<
  Extract<FindingCode, `tlsrpt.record.${string}` | `tlsrpt.rua.${string}`>
> = {
  'tlsrpt.record.missing': ({ domain }) => ({
    title: 'There is no TLSRPT record: senders report to nobody',
    seen: `A TXT record at _smtp._tls.${domain} was expected; there is none that begins with v=TLSRPTv1;`,
    impact: BLIND,
    remedy: [text('Publish a record with a mailbox that you read:'), tlsrptRecordLine(domain)],
    rfc: 'RFC 8460 §3',
  }),
  'tlsrpt.record.invalid': ({ domain, evidence }) => ({
    title: 'The TLSRPT record is invalid: senders ignore it',
    seen: `Published: ${quotedList(evidence.records)}. ${problemLines(evidence.problems, 'record')}`,
    impact: BLIND,
    remedy: [text('Correct the record, for example to:'), tlsrptRecordLine(domain)],
    rfc: 'RFC 8460 §3',
  }),
  'tlsrpt.record.multiple': ({ domain, evidence }) => ({
    title: 'There are several TLSRPT records: senders ignore them all',
    seen: `Exactly one TXT record that begins with v=TLSRPTv1; may stand at _smtp._tls.${domain}. Published: ${quotedList(evidence.records)}.`,
    impact: BLIND,
    remedy: [
      text('Delete all but one; several addresses go into one record, separated by commas. For example:'),
      tlsrptRecordLine(domain),
    ],
    rfc: 'RFC 8460 §3',
  }),
  'tlsrpt.record.questionable': ({ evidence }) => ({
    title: 'Some senders misread the TLSRPT record',
    seen: `The record is valid, but read in different ways: ${quoted(evidence.record)}. ${problemLines(evidence.problems, 'record')}`,
    impact: 'Reports of some senders may not arrive. Mail is not affected.',
    remedy: [text('Correct the record as said above.')],
    rfc: evidence.problems[0]?.rfc ?? 'RFC 8460 §3',
  }),
  'tlsrpt.rua.undeliverable': ({ domain, evidence }) => ({
    title: `TLS reports cannot be delivered to ${quoted(evidence.uri, 120)}`,
    seen:
      evidence.why === 'null-mx'
        ? `${evidence.mailDomain} takes no mail (null MX).`
        : `${evidence.mailDomain} has neither MX nor address.`,
    impact: 'Every report to this address is lost. Mail is not affected.',
    remedy: [
      text('Name an address in a domain that takes mail:'),
      tlsrptRecordLine(domain),
      text('It is best read in a domain whose mail does not pass the hosts being watched.'),
    ],
    rfc: 'RFC 8460 §3',
  }),
  'tlsrpt.rua.too-many': ({ evidence }) => ({
    title: `The TLSRPT record names ${evidence.uris.length} destinations`,
    seen: `rua names ${quotedList(evidence.uris)}.`,
    impact: 'Some senders use only the first one or two; the others get no reports from them.',
    remedy: [text('Name one or two, the most important first, and distribute from there.')],
    rfc: 'RFC 8460 §3',
  }),
}
