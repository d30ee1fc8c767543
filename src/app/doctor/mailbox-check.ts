import { SECOND_MS } from '../../lib/time.ts'
import { MailboxError, type MailboxFailure } from '../../mailbox/mailbox.ts'
import { openReportIntake } from '../open-report-intake.ts'
import { bad, type DoctorCheck, good, unset } from './doctor-line.ts'

const TOPIC = 'mailbox of reports'

const REMEDIES: Readonly<Record<MailboxFailure, string>> = {
  unreachable: 'Check host and port in IMAP_URL, and that a firewall lets the connection out.',
  tls: 'The certificate must hold for the host in IMAP_URL; use imaps:// for port 993 and imap:// for port 143.',
  'no-tls-offered': 'Switch STARTTLS on at the server, or use imaps:// and port 993.',
  'login-refused': 'Check user and password in IMAP_URL, or the token in IMAP_ACCESS_TOKEN.',
  'folder-missing': 'Make the folder, or name another one under mailbox.folder in watch.yaml.',
  'connection-lost': 'Try again; when it stays so, see the log of the server.',
  deadline: 'See whether the server is overloaded, or a firewall drops the packets.',
  limit: 'See the log of the server.',
  'server-says-no': 'See what the server says, and its log.',
}

/** Logs in and selects the folder; reads and changes nothing. */
export const MAILBOX_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 90 * SECOND_MS,
  async run({ config, env, clock, resolver, ca }, signal) {
    // Selected for reading alone, whatever is to become of mails later.
    const mailbox =
      config.mailbox === null ? null : { ...config.mailbox, afterReading: { kind: 'leave' } as const }
    const intake = openReportIntake({ mailbox }, env, { clock, resolver, ca, notice: () => {} })
    if (intake === null) {
      const missing = mailbox === null ? 'there is no mailbox in watch.yaml' : 'IMAP_URL is not set'
      return [unset(TOPIC, `not configured (${missing}): TLS reports are not read`)]
    }
    const { account, folder } = intake.mailbox
    try {
      await using _session = await intake.mailbox.open(signal)
      return [good(TOPIC, `${account}: logged in, folder ${folder} is there`)]
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error
      return [bad(TOPIC, error.message, REMEDIES[error.failure])]
    }
  },
}
