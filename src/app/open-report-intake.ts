import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { type Clock, realWaits } from '../lib/time.ts'
import { imapMailbox } from '../mailbox/imap.ts'
import { IMAP_DEADLINES } from '../mailbox/imap-deadlines.ts'
import { openIntake, THREAD_LIMITS } from '../mailbox/open-intake.ts'
import type { Resolver } from '../model/dns.ts'
import { parseAccountUrl } from '../protocol/imap/account-url.ts'
import type { ReportIntake } from './settings.ts'

export interface ReportIntakeTools {
  readonly clock: Clock
  /** Where the keys of signatures are looked up. */
  readonly resolver: Resolver
  /** PEM roots for the server's certificate; null: the system's. */
  readonly ca: string | null
  /** Told, once each, what the operator should know although reading goes on. */
  readonly notice: (sentence: string) => void
}

/** The mailbox of an installation and its reader; null when it has none. */
export function openReportIntake(
  { mailbox }: Pick<WatchConfig, 'mailbox'>,
  { imapUrl, imapAccessToken }: Pick<Env, 'imapUrl' | 'imapAccessToken'>,
  { clock, resolver, ca, notice }: ReportIntakeTools,
): ReportIntake | null {
  if (mailbox === null || imapUrl === null) return null
  const server = parseAccountUrl(imapUrl)
  // The environment was checked: a URL that does not parse cannot get here.
  if (!server.ok) throw new TypeError(`IMAP_URL ${server.error}`)
  const { folder, afterReading, idle, trustAuthservId } = mailbox
  const waiting = realWaits(clock)
  return {
    mailbox: imapMailbox(server.value, {
      clock: waiting,
      folder,
      afterReading,
      idle,
      accessToken: imapAccessToken,
      ca,
      deadlines: IMAP_DEADLINES,
      notice,
    }),
    open: () => openIntake({ resolver, clock: waiting, trustAuthservId, limits: THREAD_LIMITS }),
  }
}
