import { GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../announce/announce.ts'
import type { ChannelConfig } from '../config/watch-config.ts'
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts'
import type { Pace } from '../store/store.ts'

/** R67: more incidents than this at once are one message. R69: above the budget one message every 15 minutes. */
const COMMON = {
  crowd: 10,
  gatherMs: GROUP_WAIT_MS,
  digestEveryMs: GROUP_INTERVAL_MS,
  budgetWindowMs: HOUR_MS,
  overBudgetEveryMs: 15 * MINUTE_MS,
}
const CHAT: Pace = { ...COMMON, budget: 30 }
const MAIL: Pace = { ...COMMON, budget: 20 }

/** How much a channel takes before messages are put together; null where a program or a terminal reads, not a person's phone. */
export function paceOf(channel: ChannelConfig | null): Pace | null {
  switch (channel?.type) {
    case 'slack':
      return CHAT
    case 'email':
      return MAIL
    case 'webhook':
      return channel.format === 'json' ? null : CHAT
    default:
      return null
  }
}
