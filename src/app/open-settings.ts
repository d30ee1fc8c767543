import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import type { Env } from '../config/env.ts'
import { mailboxGap } from '../config/mailbox-gap.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import type { Clock } from '../lib/time.ts'
import { createNotifiers } from '../notify/channels.ts'
import type { Wording } from '../notify/wording.ts'
import { openProbe, type World } from './open-probe.ts'
import { openReportIntake } from './open-report-intake.ts'
import { openResolver } from './open-resolver.ts'
import type { Settings } from './settings.ts'

export interface SettingsTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly world: World
  readonly console: { write(text: string): void; readonly colour: boolean }
  /** PEM roots for the certificates of the SMTP and IMAP servers; null: the system's. */
  readonly smtpCa: string | null
  /** Takes one line for a person about how a mailbox behaves. */
  readonly notice: (sentence: string) => void
}

export type OpenedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One sentence for each channel that could not say anything, and one for a mailbox that could not be read. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Makes of a configuration what runs: its channels, its probe and its mailbox. */
export function openSettings(config: WatchConfig, env: Env, tools: SettingsTools): OpenedSettings {
  const { notifiers, problems: silent } = createNotifiers(
    config.channels,
    {
      slackToken: env.slackToken,
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
  const gap = mailboxGap(config, env)
  const problems = gap === null ? silent : [...silent, gap]
  if (problems.length > 0) return { ok: false, problems }
  const { clock, newId, world, smtpCa, notice } = tools
  const resolver = openResolver(config, clock, world.limits)
  const probe = openProbe(config, resolver, clock, newId, world)
  const intake = openReportIntake(config, env, { clock, resolver, ca: smtpCa, notice })
  return { ok: true, settings: { config, notifiers, probe, intake } }
}

/** How an installation in this time zone speaks. */
export function wordingIn(timezone: string, clock: Clock): Wording {
  return {
    describe: (finding) => describe(finding, { timezone, now: clock.now() }),
    instant: (at) => instantText(at, timezone),
    duration: durationText,
  }
}
