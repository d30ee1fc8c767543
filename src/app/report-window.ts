import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import {
  NO_REPORTS,
  type OwnSighting,
  type ReportedPolicy,
  type ReportWindow,
} from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'

/** Reports are held against each other for this long (reliability §12.4: the median of 14 days, 29 of 30 days). */
const WINDOW_MS = 30 * DAY_MS

/** What senders say about a domain, with what our memory has to hold against it; next to nothing when nobody reports. */
export async function reportWindow(domain: DomainName, now: UnixMs, store: Store): Promise<ReportWindow> {
  const today = now - (now % DAY_MS)
  const policies = await store.reports.policiesOf(domain, today - WINDOW_MS)
  if (policies.length === 0) return NO_REPORTS
  return {
    ...NO_REPORTS,
    policies,
    reporters: await store.reports.reporters([...new Set(policies.map(({ reporter }) => reporter))]),
    ownSightings: await ownSightings(domain, today - WINDOW_MS, store),
    hostAddresses: await addressesOf(failingHosts(policies), store),
    firstLookAt: (await store.snapshots.lookSummary(domain))?.firstAt ?? null,
  }
}

function failingHosts(policies: readonly ReportedPolicy[]): ReadonlySet<string> {
  return new Set(
    policies.flatMap(({ policy }) =>
      policy.failureDetails.flatMap(({ receivingMxHostname }) => receivingMxHostname ?? []),
    ),
  )
}

/** Suspicions too: what went by itself within minutes may still be what a sender met. */
async function ownSightings(
  domain: DomainName,
  since: UnixMs,
  store: Store,
): Promise<readonly OwnSighting[]> {
  const steps = await store.incidents.transitionsOfDomain(domain, since)
  const lasting = await store.incidents.remembered(domain, since)
  const states = new Map<string, Incident>()
  for (const incident of [...steps.map((step) => step.incident), ...lasting])
    states.set(incident.id, incident)
  return [...states.values()].map(sightingOf)
}

function sightingOf({ latest, firstSeenAt, phase }: Incident): OwnSighting {
  const { code, subject } = latest
  const endedAt =
    phase.name === 'resolved' ? phase.resolvedAt : phase.name === 'dismissed' ? phase.dismissedAt : null
  return { code, subject, firstSeenAt, endedAt }
}

async function addressesOf(hosts: ReadonlySet<string>, store: Store): Promise<ReportWindow['hostAddresses']> {
  const addresses = new Map<string, Awaited<ReturnType<Store['snapshots']['hostAddresses']>>>()
  for (const host of hosts) addresses.set(host, await store.snapshots.hostAddresses(host))
  return addresses
}
