import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import { type ChannelOpeningTools, openChannels } from './open-channels.ts'
import { openProbe, type World } from './open-probe.ts'
import type { Settings } from './settings.ts'

export interface SettingsTools extends ChannelOpeningTools {
  readonly newId: NewId
  readonly world: World
}

export type OpenedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One sentence for each channel that could not say anything. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Makes of a configuration what runs: its channels and its probe. */
export function openSettings(config: WatchConfig, env: Env, tools: SettingsTools): OpenedSettings {
  const { notifiers, problems } = openChannels(config, env, tools)
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    settings: { config, notifiers, probe: openProbe(config, tools.clock, tools.newId, tools.world) },
  }
}
