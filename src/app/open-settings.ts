import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import type { Clock } from '../lib/time.ts'
import { createNotifiers } from '../notify/channels.ts'
import type { Wording } from '../notify/wording.ts'
import { openProbe, type World } from './open-probe.ts'
import type { Settings } from './settings.ts'

export interface SettingsTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly world: World
  readonly console: { write(text: string): void; readonly colour: boolean }
  /** PEM roots for the SMTP server's certificate; null: the system's. */
  readonly smtpCa: string | null
}

export type OpenedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One sentence for each channel that could not say anything. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Makes of a configuration what runs: its channels and its probe. */
export function openSettings(config: WatchConfig, env: Env, tools: SettingsTools): OpenedSettings {
  const { notifiers, problems } = createNotifiers(
    config.channels,
    {
      slackToken: env.slackToken,
      slackAppToken: env.slackAppToken,
      smtpUrl: env.smtpUrl,
      mailFrom: env.mailFrom,
      webhookUrls: env.webhookUrls,
      webhookSigningKeys: env.webhookSigningKeys,
    },
    {
      wording: wordingIn(config.timezone, tools.clock),
      clock: tools.clock,
      console: tools.console,
      ehloName: config.ehloName,
      slackApiUrl: env.slackApiUrl,
      smtpCa: tools.smtpCa,
    },
  )
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    settings: { config, notifiers, probe: openProbe(config, tools.clock, tools.newId, tools.world) },
  }
}

/** How an installation in this time zone speaks. */
export function wordingIn(timezone: string, clock: Clock): Wording {
  return {
    describe: (finding) => describe(finding, { timezone, now: clock.now() }),
    instant: (at) => instantText(at, timezone),
    duration: durationText,
  }
}
