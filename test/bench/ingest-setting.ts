/** What the ingest bench and its child processes agree on. */

import type { DomainName } from '../../src/protocol/domain-name.ts'

export const MAILS = 10_000
export const PASSWORD = 'bench'

/** The watched domains that the reports are about. */
export const REPORT_DOMAINS = Array.from(
  { length: 200 },
  (_, index) => `domain${index}.example` as DomainName,
)
