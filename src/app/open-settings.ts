import type { Env } from '../config/env.ts'
import { mailboxGap } from '../config/mailbox-gap.ts'
import { reportsGaps } from '../config/reports-gap.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import { type ChannelOpeningTools, openChannels, signsMail } from './open-channels.ts'
import { openProbe, type World } from './open-probe.ts'
import { openReportIntake } from './open-report-intake.ts'
import { openReporter } from './open-reporter.ts'
import { openResolver } from './open-resolver.ts'
import type { Settings } from './settings.ts'

export interface SettingsTools extends ChannelOpeningTools {
  readonly newId: NewId
  readonly world: World
  /** Takes one line for a person about how a mailbox behaves. */
  readonly notice: (sentence: string) => void
}

export type OpenedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One sentence for each channel that could not say anything, and one for a mailbox that could not be read. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Makes of a configuration what runs: its channels, its probe and its mailbox. */
export function openSettings(config: WatchConfig, env: Env, tools: SettingsTools): OpenedSettings {
  const { notifiers, problems: silent } = openChannels(config, env, tools)
  const gap = mailboxGap(config, env)
  const problems = [...silent, ...(gap === null ? [] : [gap]), ...reportsGaps(config, env)]
  if (problems.length > 0) return { ok: false, problems }
  const { clock, newId, world, smtpCa, notice } = tools
  const resolver = openResolver(config, clock, world.limits)
  const probe = openProbe(config, resolver, clock, newId, world)
  const intake = openReportIntake(config, env, { clock, resolver, ca: smtpCa, notice })
  const reporter = openReporter(config, env, { resolver, world, smtpCa })
  return {
    ok: true,
    settings: { config, notifiers, probe, signsMail: signsMail(config, env), reporter, intake },
  }
}
