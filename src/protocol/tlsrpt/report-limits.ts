/** What is kept of a report. More policies or details than this and it is refused; longer texts and lists are cut, and noted. */
export const REPORT_LIMITS = {
  /** Honest reports have one for each domain, or a few; the largest known have hundreds. */
  policies: 5_000,
  /** Of all policies together. */
  details: 150_000,
  mxHosts: 100,
  policyLines: 200,
} as const

/** Longest texts, in UTF-16 code units. */
export const TEXT_LIMITS = {
  organizationName: 256,
  contactInfo: 320,
  reportId: 512,
  dateTime: 64,
  policyType: 64,
  policyLine: 1_024,
  /** A name has 253; what is longer is none and not worth keeping. */
  domain: 1_024,
  hostName: 255,
  resultType: 128,
  ipAddress: 45,
  /** Postfix puts the whole EHLO answer here. */
  helo: 1_024,
  additionalInformation: 2_048,
  failureReasonCode: 1_024,
} as const
