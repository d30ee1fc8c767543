import { keyRecordZoneLine } from '../protocol/dkim/format-key-record.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** A key record as a zone file has it, and as the form of a DNS provider wants it. */
export function recordLines(name: DomainName, record: string): readonly string[] {
  return [
    '  in a zone file:',
    `    ${keyRecordZoneLine(name, record)}`,
    '  in a form (some want the name without the domain):',
    '    type   TXT',
    `    name   ${name}`,
    `    value  ${record}`,
  ]
}
