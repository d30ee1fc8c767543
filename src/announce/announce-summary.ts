import { sha256 } from '../lib/sha256.ts'
import type { UnixMs } from '../lib/time.ts'
import type { ThreadId } from '../model/incident.ts'
import type { Notification, NotificationId } from '../model/notification.ts'
import type { WeeklySummary } from '../model/weekly-summary.ts'
import type { Destination } from './route.ts'

/** By a schedule: one a period and recipient, however often it is asked for. By hand: as often as somebody asks. */
export type SummaryOccasion = { readonly by: 'schedule' } | { readonly by: 'hand'; readonly at: UnixMs }

/** One message a channel, each in a conversation of its own. What has the same key is queued once, so a repeat does no harm. */
export function announceSummary(
  summary: WeeklySummary,
  destinations: readonly Destination[],
  occasion: SummaryOccasion,
): readonly Notification[] {
  const { name } = summary.period
  const asked = occasion.by === 'hand' ? occasion.at : null
  const thread = `thr_${sha256(JSON.stringify(['summary', name, asked])).slice(0, 12)}` as ThreadId
  return destinations.map(({ channel, to }) => {
    // R53, R72. As JSON, so that no part can pose as two.
    const dedupeKey = sha256(JSON.stringify([channel, to, 'summary', name, asked]))
    return {
      id: `ntf_${dedupeKey.slice(0, 12)}` as NotificationId,
      channel,
      thread,
      createdAt: summary.at,
      notBefore: summary.at,
      dedupeKey,
      severity: 'info',
      held: null,
      content: { kind: 'summary', summary },
    }
  })
}
