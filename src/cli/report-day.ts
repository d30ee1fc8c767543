import type { Reporter } from '../app/reporter.ts'
import { parseWatchedName } from '../config/domain-hint.ts'
import { nearest } from '../config/nearest.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { MailAddress } from '../protocol/mail-address.ts'

/** A watched domain by the name that somebody typed. */
export function watchedDomain(text: string, { domains, file }: WatchConfig): Result<WatchedDomain, string> {
  const name = parseWatchedName(text)
  const domain = domains.find((one) => one.name === name)
  if (domain !== undefined) return ok(domain)
  const meant = nearest(
    text,
    domains.map((one) => one.name),
  )
  const hint = meant === null ? `${file} does not list it` : `did you mean ${meant}?`
  return err(`"${display(text)}" is not watched; ${hint}`)
}

/** Midnight UTC of a day given as `2026-11-25`; yesterday without one. Days that have not begun are refused. */
export function reportDay(text: string | null, now: UnixMs): Result<UnixMs, string> {
  const today = now - (now % DAY_MS)
  if (text === null) return ok(today - DAY_MS)
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text)) {
    return err(
      `--day ${display(text)}: write a day like ${new Date(today - DAY_MS).toISOString().slice(0, 10)}`,
    )
  }
  return at > today ? err(`--day ${display(text)} has not come yet`) : ok(at)
}

/** `2026-11-25 01:02 UTC` */
export function utcText(at: UnixMs): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** What to do so that reports can be sent at all. */
const HOW_TO_REPORT =
  'set MAIL_FROM, SMTP_URL (or `reports: { delivery: direct }`), DKIM_DOMAIN, DKIM_REPORT_SELECTOR and DKIM_REPORT_KEY_FILE; `stswatch dkim keygen` makes the key'
export const NO_REPORTER = `no report can be sent: ${HOW_TO_REPORT}`
/** Said beside a preview by SOMEBODY. */
export const NOBODY_YET = `no report can be sent yet, and this preview is by "monitor.example" in place of your domain. To send them, ${HOW_TO_REPORT}`

/** Who reports where nothing is configured yet: for a preview. */
export const SOMEBODY: Pick<Reporter, 'author' | 'submitter'> = {
  author: {
    organizationName: 'monitor.example',
    contact: 'tls-reports@monitor.example' as MailAddress,
  },
  submitter: 'monitor.example' as DomainName,
}
