import type { WeeklySummary } from '../model/weekly-summary.ts'

/** A summary's figures for a webhook: bounded, whatever the number of domains. */
export function summaryEvent({ period, domains, incidents, due, reports, monitor }: WeeklySummary): object {
  const count = (wanted: (state: (typeof domains)[number]) => boolean) => domains.filter(wanted).length
  const { blind, downMinutes, looks, undecidedLooks, undelivered, canaries, ownReports } = monitor
  return {
    kind: 'summary',
    period: {
      name: period.name,
      startAt: new Date(period.startAt).toISOString(),
      endAt: new Date(period.endAt).toISOString(),
    },
    domains: {
      watched: domains.length,
      needHands: count(({ needsHands }) => needsHands),
      undecided: count(({ state }) => state === 'undecided' || state === 'unseen'),
      well: count(({ state, needsHands }) => state === 'well' && !needsHands),
    },
    incidents: { opened: incidents.opened, resolved: incidents.resolved, open: incidents.open },
    due: due.total,
    sessions: reports === null ? null : { reported: reports.sessions, failed: reports.failedSessions },
    monitor: {
      blindMinutes: Object.fromEntries(blind.map(({ protocol, minutes }) => [protocol, minutes])),
      downMinutes,
      looks,
      undecidedLooks,
      undelivered,
      canaries,
      ownReports,
    },
  }
}
