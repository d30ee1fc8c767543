import type { ChannelId } from '../../model/notification.ts'
import type { AppTools } from '../app-tools.ts'
import { takeDelivery } from '../jobs/deliver.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'

/** Empties the outbox: one delivery at a time a channel, and no channel waits for another (R58). */
export function deliveryLane(tools: AppTools, settings: () => Settings): Lane {
  const busy = new Set<ChannelId>()
  return {
    name: 'deliveries',
    // Enough that every channel can be under way; `busy` keeps each to one.
    concurrency: Number.MAX_SAFE_INTEGER,
    async take() {
      const { notifiers } = settings()
      for (const channel of notifiers.keys()) {
        if (busy.has(channel)) continue
        const work = await takeDelivery(
          {
            store: tools.store,
            notifiers,
            clock: tools.clock,
            rules: { channels: [...notifiers.keys()], random: tools.random },
            onChannelTrouble: (id, code, error) => {
              tools.log.warn('delivery.trouble', { channel: id, code, error })
              tools.monitor.channelFailed(id, code, error)
            },
            onDelivered: (id) => tools.monitor.channelWorks(id),
          },
          channel,
        )
        if (work === null) continue
        busy.add(channel)
        return (signal) => work(signal).finally(() => busy.delete(channel))
      }
      return null
    },
    nextDueAt: () => tools.store.outbox.nextDueAt(),
  }
}
