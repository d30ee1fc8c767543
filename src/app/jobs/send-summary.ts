import { announceSummary } from '../../announce/announce-summary.ts'
import { routeSummary } from '../../announce/route.ts'
import { periodOfSlot } from '../../announce/summary-period.ts'
import { parseCron } from '../../lib/cron.ts'
import { DAY_MS, type UnixMs } from '../../lib/time.ts'
import type { ChannelId } from '../../model/notification.ts'
import type { AppTools } from '../app-tools.ts'
import { collectSummary } from '../collect-summary.ts'
import type { Settings } from '../settings.ts'

/** R15: what is older is no longer news. */
const LATEST_MS = 7 * DAY_MS

export type SentSummary =
  | { readonly outcome: 'queued'; readonly period: string; readonly channels: readonly ChannelId[] }
  /** Too late, or the configuration has no such summary any more. */
  | { readonly outcome: 'dropped'; readonly because: 'late' | 'unconfigured' }

/**
 * Puts the summary that fell due at `slotAt` by this cron line together and into the outbox, once a recipient however often
 * it is done. In the database nothing but the outbox changes, so a death on the way leaves all of it to be done again.
 */
export async function sendSummary(
  line: string,
  slotAt: UnixMs,
  { config }: Settings,
  { store, clock }: Pick<AppTools, 'store' | 'clock'>,
): Promise<SentSummary> {
  const now = clock.now()
  const cron = parseCron(line)
  const channels = new Set(config.summaries.filter((one) => one.cron === line).flatMap((one) => one.channels))
  if (!cron.ok || channels.size === 0) return { outcome: 'dropped', because: 'unconfigured' }
  if (now - slotAt > LATEST_MS) return { outcome: 'dropped', because: 'late' }
  const period = periodOfSlot(cron.value, config.timezone, slotAt)
  const destinations = routeSummary([...channels], config)
  const summary = await collectSummary(store, config, period, now)
  await store.commitTransitions([], announceSummary(summary, destinations, { by: 'schedule' }))
  return { outcome: 'queued', period: period.name, channels: destinations.map(({ channel }) => channel) }
}
