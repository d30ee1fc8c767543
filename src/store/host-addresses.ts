import { HOUR_MS } from '../lib/time.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { Sql } from './database.ts'
import type { HostAddress } from './store.ts'

/** Notes which addresses the mail hosts of a snapshot have. */
export async function upsertHostAddresses(sql: Sql, snapshot: Snapshot): Promise<void> {
  const rows = snapshot.hosts.flatMap(({ name, addresses }) => {
    if (addresses.outcome !== 'seen') return []
    const { at } = addresses
    return addresses.value.records.map((address) => ({
      host: name,
      address,
      first_seen_at: at,
      last_seen_at: at,
    }))
  })
  if (rows.length === 0) return
  await sql
    .insertInto('host_address')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['host', 'address'])
        .doUpdateSet((row) => ({ last_seen_at: row.ref('excluded.last_seen_at') }))
        .where((row) =>
          row(row.ref('excluded.last_seen_at'), '>=', row('host_address.last_seen_at', '+', HOUR_MS)),
        ),
    )
    .execute()
}

/** Every address that a mail host ever had, newest sight first. */
export async function hostAddresses(sql: Sql, host: string): Promise<readonly HostAddress[]> {
  const rows = await sql
    .selectFrom('host_address')
    .selectAll()
    .where('host', '=', host)
    .orderBy('last_seen_at', 'desc')
    .orderBy('address')
    .execute()
  return rows.map((row) => ({
    address: row.address as IpAddress,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
  }))
}
