/** What every mail of ours ends with. */
export const MAIL_FOOTER =
  'stswatch watches MTA-STS and SMTP TLS Reporting. Nobody reads answers to this mail.'

/** RFC 5322 §2.1.1 asks for at most 78; two are left for a quotation mark. */
export const MAIL_TEXT_WIDTH = 76
