/** What every mail of ours ends with. */
export const MAIL_FOOTER =
  'stswatch watches MTA-STS and SMTP TLS Reporting. Nobody reads answers to this mail.'

/** RFC 3676 §4.2 recommends fewer than 78; two are left for a quotation mark. */
export const MAIL_TEXT_WIDTH = 76
