import type { WatchConfig } from '../config/watch-config.ts'
import type { Intake } from '../mailbox/intake.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { ChannelId } from '../model/notification.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { Probe } from '../probe/probe.ts'
import type { Reporter } from './reporter.ts'

/** Where TLS reports arrive, and who reads them. */
export interface ReportIntake {
  readonly mailbox: Mailbox
  /** A reader for one visit to the mailbox; whoever opens it disposes of it. */
  open(): Intake
}

/** What a reload exchanges, all at once: the watch list, the channels and the probe made from it. */
export interface Settings {
  readonly config: WatchConfig
  readonly notifiers: ReadonlyMap<ChannelId, Notifier>
  readonly probe: Probe
  /** Mail is sent, and signed with DKIM. */
  readonly signsMail: boolean
  /** Null: no TLS reports of ours can be sent. */
  readonly reporter: Reporter | null
  /** Null: no reports are read. */
  readonly intake: ReportIntake | null
}
