import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import {
  NO_REPORTS,
  type OwnSighting,
  type ReportedPolicy,
  type ReportWindow,
} from '../model/report-window.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'

/** Reports are held against each other for this long (reliability §12.4: the median of 14 days, 29 of 30 days). */
export const REPORT_WINDOW_DAYS = 30

export interface WindowSpan {
  readonly now: UnixMs
  readonly days: number
  /** When the mailbox was last read to its end; null: not since the start, or there is none. */
  readonly mailboxReadAt: UnixMs | null
}

type Memory = Pick<Store, 'reports' | 'incidents' | 'snapshots'>

/**
 * What reports of the last `days` days say about a domain, with what our own memory has to hold against it. It costs one
 * query when nobody reports.
 */
export async function loadReportWindow(
  domain: DomainName,
  { now, days, mailboxReadAt }: WindowSpan,
  memory: Memory,
): Promise<ReportWindow> {
  const sinceDayAt = now - (now % DAY_MS) - days * DAY_MS
  const policies = await memory.reports.policiesOf(domain, sinceDayAt)
  if (policies.length === 0) return { ...NO_REPORTS, mailboxReadAt }
  return {
    policies,
    reporters: await memory.reports.reporters([...new Set(policies.map(({ reporter }) => reporter))]),
    ownSightings: await ownSightings(domain, sinceDayAt, memory),
    hostAddresses: await addressesOf(failingHosts(policies), memory),
    firstLookAt: (await memory.snapshots.lookSummary(domain))?.firstAt ?? null,
    mailboxReadAt,
  }
}

function failingHosts(policies: readonly ReportedPolicy[]): ReadonlySet<DomainName> {
  const names = policies
    .filter(({ policy }) => policy.failedSessions > 0)
    .flatMap(({ mx, policy }) => [mx, ...policy.failureDetails.map((detail) => detail.receivingMxHostname)])
  return new Set(names.map((name) => parseDomainName(name ?? '')).filter((name) => name !== null))
}

/** Suspicions too: what went by itself within minutes may still be what a sender met. */
async function ownSightings(
  domain: DomainName,
  since: UnixMs,
  { incidents }: Memory,
): Promise<readonly OwnSighting[]> {
  const steps = await incidents.transitionsOfDomain(domain, since)
  const lasting = await incidents.remembered(domain, since)
  const states = new Map<string, Incident>()
  for (const incident of [...steps.map((step) => step.incident), ...lasting]) {
    states.set(incident.id, incident)
  }
  return [...states.values()].map(sightingOf)
}

function sightingOf({ latest, firstSeenAt, phase }: Incident): OwnSighting {
  return { code: latest.code, subject: latest.subject, firstSeenAt, endedAt: endOf(phase) }
}

function endOf(phase: Incident['phase']): UnixMs | null {
  if (phase.name === 'resolved') return phase.resolvedAt
  return phase.name === 'dismissed' ? phase.dismissedAt : null
}

async function addressesOf(
  hosts: ReadonlySet<DomainName>,
  { snapshots }: Memory,
): Promise<ReportWindow['hostAddresses']> {
  const addresses = new Map<string, Awaited<ReturnType<Memory['snapshots']['hostAddresses']>>>()
  for (const host of hosts) addresses.set(host, await snapshots.hostAddresses(host))
  return addresses
}
