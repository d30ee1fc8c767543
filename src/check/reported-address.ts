import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { ReportWindow } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type IpAddress, parseIpAddress } from '../protocol/ip-address.ts'
import { isPublicAddress } from '../protocol/public-address.ts'
import type { Facts } from './facts.ts'
import { type CountedFailure, dayEnd, isFresh, type ReportedDays, type ReporterDay } from './reported-days.ts'
import { hasNews, isLive, isOver, QUIET_MS } from './reported-life.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODE: FindingCode = 'tlsrpt.reported.unknown-address'
/** How long a host's addresses must have been known, and the same, before one that is not among them is strange. */
export const SETTLED_MS = 3 * DAY_MS
const MIN_SESSIONS = 2
const MIN_REPORTERS = 2
const MOST_TOLD = 20
const MOST_KNOWN = 20

/** Sessions of known reporters that failed at one address on one day. */
interface Sighted {
  readonly mx: DomainName
  readonly address: IpAddress
  readonly dayAt: UnixMs
  readonly reporter: DomainName
  readonly sessions: number
}

/**
 * An address at which senders met an MX host and which that host never had: stale DNS, or somebody in between. Only
 * failures carry addresses (RFC 8460 §4.3), so only those are looked through.
 */
export function checkReportedAddresses(facts: Facts): Verdict {
  const days = facts.reported.timely
  const recent = [...days].filter(([dayAt]) => facts.now - dayEnd(dayAt) < QUIET_MS)
  const strange = sightedIn(recent, facts.reports).filter((sighted) => isStrange(sighted, facts))
  const groups = [...Map.groupBy(strange, subjectOf)].slice(0, MOST_TOLD)
  return together(groups.map(([subject, list]) => judgeAddress(subject, list, days, facts)))
}

function subjectOf({ mx, address }: Sighted): string {
  return `${mx} ${address}`
}

function judgeAddress(subject: string, list: readonly Sighted[], days: ReportedDays, facts: Facts): Verdict {
  const [first] = list
  const newest = list.at(-1)
  if (first === undefined || newest === undefined) return CLEAR
  const { domain, takenAt } = facts.snapshot
  const live = isLive(facts, CODE, subject)
  const sessions = list.reduce((total, one) => total + one.sessions, 0)
  const reporters = [...new Set(list.map(({ reporter }) => reporter))]
  const isEnough = sessions >= MIN_SESSIONS || reporters.length >= MIN_REPORTERS
  const fresh = isFresh(newest.dayAt, facts.now)
  if (!live && !(fresh && isEnough)) return CLEAR
  if (isOver(newest.dayAt, reporters, days, 'unseeable', facts.now)) return CLEAR
  if (!fresh || hasNews(newest.dayAt, reporters, days)) {
    return undecided([CODE], domain, subject, moot('reports of later days will tell'))
  }
  return found(CODE, { domain, subject, at: takenAt }, 'warning', {
    mx: first.mx,
    address: first.address,
    knownAddresses: knownAddresses(first.mx, facts.reports).slice(0, MOST_KNOWN),
    reporters,
    failedSessions: sessions,
    firstDayAt: first.dayAt,
    lastDayAt: newest.dayAt,
  })
}

function sightedIn(
  days: readonly (readonly [UnixMs, readonly ReporterDay[]])[],
  { hostAddresses }: ReportWindow,
): readonly Sighted[] {
  return days.flatMap(([dayAt, list]) =>
    list
      .filter(({ known }) => known)
      .flatMap(({ reporter, failures }) =>
        [...failures.values()]
          .filter(({ mx }) => mx !== null && hostAddresses.has(mx))
          .flatMap((failure) => sightedBy(failure).map((sighted) => ({ ...sighted, dayAt, reporter }))),
      ),
  )
}

/** One entry an address; never more sessions than the failure has, whose details may name some of them twice. */
function sightedBy({
  mx,
  sessions,
  details,
}: CountedFailure): readonly Pick<Sighted, 'mx' | 'address' | 'sessions'>[] {
  if (mx === null) return []
  const counts = new Map<IpAddress, number>()
  for (const { receivingIp, failedSessions } of details) {
    const address = parseIpAddress(receivingIp ?? '')
    if (address !== null) counts.set(address, (counts.get(address) ?? 0) + failedSessions)
  }
  return [...counts].map(([address, count]) => ({ mx, address, sessions: Math.min(count, sessions) }))
}

/** Hosts whose addresses come and go, as those of large providers, are left alone. */
function isStrange({ mx, address, dayAt }: Sighted, { reports, snapshot }: Facts): boolean {
  const history = reports.hostAddresses.get(mx) ?? []
  const isSettled =
    history.length > 0 && history.every(({ firstSeenAt }) => firstSeenAt <= dayAt - SETTLED_MS)
  if (!isSettled || history.some((known) => parseIpAddress(known.address) === address)) return false
  const host = snapshot.hosts.find(({ name }) => name === mx)
  const isSeen = host?.addresses.outcome === 'seen' && host.addresses.value.records.includes(address)
  return !isSeen && isPublicAddress(address)
}

function knownAddresses(mx: string, { hostAddresses }: ReportWindow): readonly string[] {
  return (hostAddresses.get(mx) ?? []).map(({ address }) => address)
}
