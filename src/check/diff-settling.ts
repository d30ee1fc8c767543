import type { Change } from '../model/change.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { ZoneQuestion } from '../model/zone-look.ts'
import { childName, parseDomainName } from '../protocol/domain-name.ts'
import { type RecordsLook, settling } from './propagation.ts'
import { tlsaOwner } from './stale-servers.ts'

/** The changes of the DNS with how long caches may go on with what was. */
export function withSettling(
  changes: readonly Change[],
  before: Snapshot,
  after: Snapshot,
): readonly Change[] {
  return changes.map((change) => {
    const record = recordOf(change, before)
    if (record === null) return change
    return { ...change, settles: settling(record.question, { before, old: record.old }, after) }
  })
}

function recordOf(
  { part, subject }: Change,
  { domain, stsRecord, tlsrptRecord, mx, hosts }: Snapshot,
): { readonly question: ZoneQuestion; readonly old: RecordsLook } | null {
  switch (part) {
    case 'sts-record':
      return { question: { name: childName('_mta-sts', domain), type: 'TXT' }, old: stsRecord }
    case 'tlsrpt-record':
      return {
        question: { name: childName('_smtp', childName('_tls', domain)), type: 'TXT' },
        old: tlsrptRecord,
      }
    case 'mx':
      return { question: { name: domain, type: 'MX' }, old: mx }
    case 'tlsa': {
      const host = hosts.find(({ name }) => name === subject)
      const name = host === undefined ? null : parseDomainName(tlsaOwner(host))
      return host === undefined || name === null ? null : { question: { name, type: 'TLSA' }, old: host.tlsa }
    }
    default:
      return null
  }
}
