import type { PolicyVersion } from '../model/policy-version.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'

/** Notes the policy served now: extends its line of the ledger, or opens one. Nothing ever shortens a horizon. */
export async function upsertPolicyVersion(sql: Sql, version: PolicyVersion): Promise<void> {
  const result = await sql
    .updateTable('policy_version')
    .set((row) => ({
      last_seen_at: row.fn('max', ['last_seen_at', row.val(version.lastSeenAt)]),
      horizon_at: row.fn('max', ['horizon_at', row.val(version.horizonAt)]),
    }))
    .where('domain', '=', version.domain)
    .where((row) => row(row.fn('ifnull', ['record_id', row.val('')]), '=', version.recordId ?? ''))
    .where('body_sha256', '=', version.bodySha256)
    .executeTakeFirst()
  if (result.numUpdatedRows > 0n) return
  await sql
    .insertInto('policy_version')
    .values({
      domain: version.domain,
      record_id: version.recordId,
      body_sha256: version.bodySha256,
      body: version.body,
      mode: version.mode,
      max_age_seconds: version.maxAgeSeconds,
      mx_patterns: JSON.stringify(version.mxPatterns),
      first_seen_at: version.firstSeenAt,
      last_seen_at: version.lastSeenAt,
      horizon_at: version.horizonAt,
    })
    .execute()
}

/** The ledger of a domain, last seen first. */
export async function policyVersions(sql: Sql, domain: DomainName): Promise<readonly PolicyVersion[]> {
  const rows = await sql
    .selectFrom('policy_version')
    .selectAll()
    .where('domain', '=', domain)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({
    domain,
    recordId: row.record_id,
    bodySha256: row.body_sha256,
    body: row.body,
    mode: row.mode as PolicyVersion['mode'],
    maxAgeSeconds: row.max_age_seconds,
    mxPatterns: JSON.parse(row.mx_patterns) as readonly string[],
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    horizonAt: row.horizon_at,
  }))
}
