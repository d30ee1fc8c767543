import type { ChannelId } from '../../model/notification.ts'
import type { Notifier } from '../../notify/notifier.ts'
import type { AppTools } from '../app-tools.ts'
import { takeDelivery } from '../jobs/deliver.ts'
import type { Lane, Work } from '../lane.ts'
import { paceOf } from '../pace.ts'
import type { Settings } from '../settings.ts'

/** Empties the outbox: one delivery at a time a channel, and no channel waits for another (R58). */
export function deliveryLane(tools: AppTools, settings: () => Settings): Lane {
  const busy = new Set<ChannelId>()
  async function takeFrom(notifier: Notifier): Promise<Work | null> {
    const { notifiers, config } = settings()
    const channel = notifier.id
    const work = await takeDelivery(
      {
        store: tools.store,
        notifiers: new Map([[channel, notifier]]),
        clock: tools.clock,
        rules: { channels: [...notifiers.keys()], random: tools.random },
        pace: paceOf(config.channels.get(channel) ?? null),
        onChannelTrouble: (id, code, error) => {
          tools.log.warn('delivery.trouble', { channel: id, code, error })
          if (notifiers.has(id)) tools.monitor.channelFailed(id, code, error)
        },
        onDelivered: (id) => tools.monitor.channelWorks(id),
      },
      channel,
    )
    if (work === null) return null
    busy.add(channel)
    return (signal) => work(signal).finally(() => busy.delete(channel))
  }
  return {
    name: 'deliveries',
    // Enough that every channel can be under way; `busy` keeps each to one.
    concurrency: Number.MAX_SAFE_INTEGER,
    async take() {
      const { notifiers } = settings()
      const retired = (await tools.store.outbox.waitingChannels()).filter(
        (channel) => !notifiers.has(channel),
      )
      for (const notifier of [...notifiers.values(), ...retired.map(retiredNotifier)]) {
        const work = busy.has(notifier.id) ? null : await takeFrom(notifier)
        if (work !== null) return work
      }
      return null
    },
    nextDueAt: () => tools.store.outbox.nextDueAt(),
  }
}

/** Stands in for a channel that watch.yaml no longer has: what was meant for it goes to the next one, as R57 says. */
function retiredNotifier(id: ChannelId): Notifier {
  return {
    id,
    render: () => '',
    send: async () => ({
      outcome: 'rejected',
      errorCode: 'channel-removed',
      error: `watch.yaml has no channel ${id} any more`,
    }),
  }
}
