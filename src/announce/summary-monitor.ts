import { MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { SightProtocol } from '../model/vantage.ts'
import type { MonitorRecord, SummaryPeriod } from '../model/weekly-summary.ts'
import { listed } from './listed.ts'
import { incidentsOfPeriod, openedAt, resolvedAt } from './summary-incidents.ts'
import type { SummaryInput } from './summary-input.ts'

const TIMES_MAX = 5
const LEAST_KNOWN_MAX = 5
/** Below this share of undecided looks a domain is known well enough. */
const DOUBTFUL_SHARE = 0.05

/** How well the monitor saw and spoke; `own`: its own incidents. */
export function monitorRecord(own: readonly Incident[], input: SummaryInput): MonitorRecord {
  const { period, down, looks, undelivered, canaries, ownReports } = input
  const trouble = incidentsOfPeriod(own, period, input)
  const records = input.domains.flatMap((domain) => {
    const record = looks.get(domain)
    return record === undefined ? [] : [{ domain, looks: record.looks, undecided: record.undecided }]
  })
  const times = down
    .map(({ fromAt, untilAt }) => clipped(fromAt, untilAt, period))
    .filter(({ fromAt, untilAt }) => untilAt > fromAt)
  const doubtful = records
    .filter((record) => record.undecided > 0 && record.undecided >= DOUBTFUL_SHARE * record.looks)
    .sort((a, b) => b.undecided / b.looks - a.undecided / a.looks || b.undecided - a.undecided)
  return {
    blind: blindMinutes(own, input),
    down: listed(
      times.toSorted((a, b) => b.untilAt - b.fromAt - (a.untilAt - a.fromAt)),
      TIMES_MAX,
    ),
    downMinutes: minutesOf(times),
    looks: records.reduce((sum, record) => sum + record.looks, 0),
    undecidedLooks: records.reduce((sum, record) => sum + record.undecided, 0),
    leastKnown: listed(doubtful, LEAST_KNOWN_MAX),
    undelivered,
    canaries,
    ownReports,
    openTrouble: trouble.stillOpen,
    endedTrouble: trouble.resolved,
  }
}

const BLINDNESS: readonly (readonly [FindingCode, SightProtocol])[] = [
  ['monitor.dns.blind', 'dns'],
  ['monitor.https.blind', 'https'],
  ['monitor.smtp.blind', 'smtp'],
]

function blindMinutes(own: readonly Incident[], { period, at }: SummaryInput): MonitorRecord['blind'] {
  return BLINDNESS.flatMap(([code, protocol]) => {
    const times = own
      .filter(({ latest }) => latest.code === code)
      .map((incident) => clipped(openedAt(incident), resolvedAt(incident) ?? at, period))
    const minutes = minutesOf(times)
    return minutes === 0 ? [] : [{ protocol, minutes }]
  })
}

interface Stretch {
  readonly fromAt: UnixMs
  readonly untilAt: UnixMs
}

function clipped(fromAt: UnixMs, untilAt: UnixMs, { startAt, endAt }: SummaryPeriod): Stretch {
  return { fromAt: Math.max(fromAt, startAt), untilAt: Math.min(untilAt, endAt) }
}

/** Whole minutes, begun ones included. */
function minutesOf(times: readonly Stretch[]): number {
  return Math.ceil(
    times.reduce((sum, { fromAt, untilAt }) => sum + Math.max(0, untilAt - fromAt), 0) / MINUTE_MS,
  )
}
