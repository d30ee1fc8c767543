import type { WatchConfig } from '../config/watch-config.ts'
import type { ChannelId } from '../model/notification.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { Probe } from '../probe/probe.ts'

/** What a reload exchanges, all at once: the watch list, the channels and the probe made from it. */
export interface Settings {
  readonly config: WatchConfig
  readonly notifiers: ReadonlyMap<ChannelId, Notifier>
  readonly probe: Probe
}
