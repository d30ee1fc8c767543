import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import type { OwnSighting, ReportWindow } from '../model/report-window.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'

/**
 * What reports of the last `days` days say about a domain, with what we remember of it ourselves. `mailboxReadAt`: when the
 * mailbox was last read to its end, null when there is none.
 */
export async function loadReportWindow(
  domain: DomainName,
  {
    now,
    days,
    mailboxReadAt,
  }: { readonly now: UnixMs; readonly days: number; readonly mailboxReadAt: UnixMs | null },
  { reports, incidents, snapshots }: Pick<Store, 'reports' | 'incidents' | 'snapshots'>,
): Promise<ReportWindow> {
  const sinceDayAt = now - (now % DAY_MS) - days * DAY_MS
  const policies = await reports.policiesOf(domain, sinceDayAt)
  const hosts = new Set(
    policies.flatMap(({ mx, policy }) => [
      ...(mx === null ? [] : [mx]),
      ...policy.failureDetails.map(({ receivingMxHostname }) => parseDomainName(receivingMxHostname ?? '')),
    ]),
  )
  const hostAddresses = new Map<
    string,
    ReportWindow['hostAddresses'] extends ReadonlyMap<string, infer A> ? A : never
  >()
  for (const host of hosts) {
    if (host !== null) hostAddresses.set(host, await snapshots.hostAddresses(host))
  }
  const looks = await snapshots.lookSummary(domain)
  return {
    policies,
    reporters: await reports.reporters([...new Set(policies.map(({ reporter }) => reporter))]),
    ownSightings: (await incidents.remembered(domain, sinceDayAt)).map(sightingOf),
    hostAddresses,
    firstLookAt: looks?.firstAt ?? null,
    mailboxReadAt,
  }
}

function sightingOf({ latest, firstSeenAt, phase }: Incident): OwnSighting {
  return { code: latest.code, subject: latest.subject, firstSeenAt, endedAt: endOf(phase) }
}

function endOf(phase: Incident['phase']): UnixMs | null {
  switch (phase.name) {
    case 'resolved':
      return phase.resolvedAt
    case 'dismissed':
      return phase.dismissedAt
    default:
      return null
  }
}
