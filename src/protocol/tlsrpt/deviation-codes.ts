/**
 * How much a deviation costs. read: we know what was meant. lost: a part of the report could not be read, the rest
 * could. refused: nothing can be made of this text or part.
 */
export type DeviationWeight = 'read' | 'lost' | 'refused'

type Entry = readonly [weight: DeviationWeight, meaning: string]

/** Every way in which senders leave RFC 8460 that we know of. Codes are stored and counted: never rename one. */
export const DEVIATION_CODES = {
  // The text.
  'not-json': ['refused', 'the text is no JSON; expected a TLS report (RFC 8460 §4)'],
  'not-a-report': ['refused', 'JSON, but not a TLS report: it has no policies (RFC 8460 §4.4)'],
  'xml-not-json': ['refused', 'XML, probably a DMARC report; TLS reports are JSON (RFC 8460 §4)'],
  'json-too-deep': ['refused', 'nested deeper than any report is'],
  'json-too-many-values': ['refused', 'holds more values than any report does'],
  'report-too-large': ['refused', 'the JSON is larger than we read'],
  encoding: ['read', 'not UTF-8 (RFC 7493 §2.1); decoded as well as possible'],
  'byte-order-mark': ['read', 'begins with a byte order mark (RFC 8259 §8.1)'],
  'trailing-text': ['read', 'something follows the JSON value; ignored'],
  'top-level-array': ['read', 'an array of reports instead of one; each is read'],
  'duplicate-member': ['read', 'a member stands twice in one object (RFC 7493 §2.3); the last counts'],
  'placeholder-key': [
    'read',
    'a placeholder of the schema used as key (RFC 8460 §4.4); taken for the real one',
  ],
  // The report.
  'organization-missing': ['read', 'no organization-name; taken from the contact or the mail'],
  'contact-missing': ['read', 'no contact-info'],
  'contact-format': ['read', 'contact-info is no plain mail address (RFC 8460 §4.4)'],
  'report-id-missing': ['read', 'no report-id; taken from the mail if it has one'],
  'date-missing': ['read', 'no start or end; taken from the mail if possible'],
  'date-format': ['read', 'not an RFC 3339 date-time (RFC 3339 §5.6)'],
  'date-no-zone': ['read', 'a date-time without time zone; read as UTC'],
  'date-reversed': ['read', 'the end lies before the start; swapped'],
  'submitter-mismatch': ['read', 'TLS-Report-Submitter is not the domain of contact-info (RFC 8460 §5.3)'],
  'policies-not-array': ['read', 'policies must be an array (RFC 8460 §4)'],
  'policies-empty': ['read', 'policies is empty: the report says nothing'],
  'policies-too-many': ['refused', 'more policies than any report has'],
  'details-too-many': ['refused', 'more failure details than any report has'],
  'null-value': ['read', 'null where a member should be left out'],
  'text-expected': ['read', 'a value is no string'],
  'text-too-long': ['read', 'a text is longer than we keep; cut'],
  'list-too-long': ['lost', 'a list is longer than we keep; cut'],
  // One policy of it.
  'policy-not-object': ['lost', 'an entry of policies is no policy; the others are read'],
  'policy-flat': ['read', 'the members of policy or summary stand on the wrong level (RFC 8460 §4.4)'],
  'policy-type-unknown': ['lost', 'policy-type is none of tlsa, sts, no-policy-found; counted as unknown'],
  'policy-type-case': ['read', 'policy-type is not in lower case'],
  'policy-domain-missing': ['read', 'no policy-domain; taken from the mail or the report-id if possible'],
  'policy-domain-form': ['read', 'policy-domain has capitals, a root dot or U-labels (RFC 8460 §4.4)'],
  'policy-domain-malformed': ['read', 'policy-domain is no domain name'],
  'policy-string-missing': ['read', 'policy-string is null'],
  'policy-string-not-array': ['read', 'policy-string must be an array of strings (RFC 8460 §4.4)'],
  'policy-string-nested': ['read', 'policy-string holds an array inside (RFC 8460 §4.5); unfolded'],
  'policy-string-unsplit': ['read', 'several lines in one string of policy-string (RFC 8460 §4.5); split'],
  'tlsa-malformed': ['read', 'not the RDATA of a TLSA record (RFC 8460 §4.5)'],
  'mx-host-not-array': ['read', 'mx-host must be an array of strings (RFC 8460 §4.4)'],
  'mx-host-form': ['read', 'mx-host has U-labels (RFC 8460 §4.4)'],
  'mx-host-prefix': ['read', 'mx-host holds policy lines; "mx:" removed'],
  // Its counts and failures.
  'count-missing': ['read', 'a session count is missing; zero, or what the details say'],
  'count-text': ['read', 'a session count is a string (RFC 8460 §4.4)'],
  'count-malformed': ['read', 'a session count is no number; treated as missing'],
  'count-not-integer': ['read', 'a session count has a fraction; rounded down'],
  'count-negative': ['read', 'a session count is negative; taken as zero'],
  'count-range': ['read', 'a session count beyond exact numbers (RFC 7493 §2.2); capped'],
  'details-not-array': ['read', 'failure-details must be an array (RFC 8460 §4.4)'],
  'detail-not-object': ['lost', 'an entry of failure-details is no object; the others are read'],
  'result-type-missing': ['read', 'no result-type'],
  'result-type-unknown': ['read', 'a result-type that is not registered (RFC 8460 §4.3); kept as it is'],
  'result-type-case': ['read', 'result-type is not in lower case'],
  'ip-empty': ['read', 'an empty address instead of none'],
  'ip-malformed': ['read', 'not an IP address; kept as text'],
  // The mail and its containers.
  'no-report': ['refused', 'holds no TLS report'],
  'input-too-large': ['refused', 'larger than we read'],
  'part-too-large': ['refused', 'a compressed part is larger than we read (RFC 8460 §5.2)'],
  'mail-unreadable': ['refused', 'not a mail that can be taken apart'],
  'mail-too-complex': ['refused', 'more parts, lines or nesting than any report mail has'],
  'too-many-candidates': ['lost', 'more attachments than any report mail has; the first ones are read'],
  'not-multipart-report': ['read', 'not a multipart/report; report-type=tlsrpt (RFC 8460 §5.3)'],
  'human-part-missing': ['read', 'the part for people is missing (RFC 6522 §3)'],
  'several-reports': ['read', 'several reports in one mail; all are read'],
  forwarded: ['read', 'the report is in a mail inside the mail'],
  'tls-report-domain-missing': ['read', 'no TLS-Report-Domain header (RFC 8460 §5.3)'],
  'tls-report-submitter-missing': ['read', 'no TLS-Report-Submitter header (RFC 8460 §5.3)'],
  'media-type': ['read', 'neither application/tlsrpt+gzip nor application/tlsrpt+json (RFC 8460 §5.3)'],
  'media-type-disagrees': ['read', 'the content is not what its media type says; the content counts'],
  'base64-damaged': ['read', 'base64 with strange characters or padding (RFC 2045 §6.8)'],
  'base64-twice': ['read', 'base64 inside the decoded part'],
  'zip-container': ['read', 'a zip instead of gzip (RFC 8460 §5.2)'],
  'zlib-container': ['read', 'a zlib stream instead of gzip (RFC 8460 §5.2)'],
  'compressed-twice': ['read', 'compressed twice'],
  'compressed-too-often': ['refused', 'compressed more often than we unpack'],
  'gzip-cut-short': ['read', 'the compressed data ends early (RFC 1952 §2.3)'],
  'gzip-trailing-bytes': ['read', 'something follows the compressed data (RFC 1952 §2.2); ignored'],
  'compression-damaged': ['refused', 'the compressed data is damaged'],
  'zip-damaged': ['refused', 'the zip file is damaged, encrypted or of an unknown kind'],
} as const satisfies Readonly<Record<string, Entry>>

export type DeviationCode = keyof typeof DEVIATION_CODES

export function deviationWeight(code: DeviationCode): DeviationWeight {
  return DEVIATION_CODES[code][0]
}

/** What happened, and the paragraph it left where there is one. */
export function deviationMeaning(code: DeviationCode): string {
  return DEVIATION_CODES[code][1]
}
