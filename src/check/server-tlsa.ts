import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { ServerReply } from '../model/zone-look.ts'
import type { ServerTlsa } from './rollover.ts'
import { tlsaOwner } from './stale-servers.ts'

/** What each address of each authoritative server says of the host's TLSA records, as far as it was asked. */
export function serverTlsaOf({ zones }: Snapshot, host: MxHost): readonly ServerTlsa[] {
  const owner = tlsaOwner(host)
  return zones
    .flatMap(({ servers }) => servers)
    .flatMap(({ name, asked }) =>
      asked.flatMap(({ address, answers }) =>
        answers
          .filter((answer) => answer.type === 'TLSA' && answer.name === owner)
          .map(({ reply }): ServerTlsa => {
            const told = reply.outcome === 'seen' && isAnswer(reply.value) ? reply.value : null
            const hasRecords = told !== null && told.records.length > 0
            return {
              server: `${name} [${address}]`,
              records: told?.records ?? null,
              // A denial's TTL says nothing about the records.
              ttlSeconds: hasRecords ? told.ttlSeconds : null,
            }
          }),
      ),
    )
}

function isAnswer({ authoritative, rcode }: ServerReply): boolean {
  return authoritative && (rcode === 'NOERROR' || rcode === 'NXDOMAIN')
}
