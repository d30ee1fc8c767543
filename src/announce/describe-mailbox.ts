import { display } from '../lib/display.ts'
import type { FindingCode } from '../model/finding.ts'
import { type Describers, instant, plural, quoted, sentence, text } from './words.ts'

const OWN = 'about this monitor'

/** The mailbox that TLS reports come through, in words. */
export const MAILBOX_WORDS: Describers<Extract<FindingCode, `monitor.mailbox.${string}`>> = {
  'monitor.mailbox.unreachable': ({ evidence }, context) => ({
    title: `The mailbox ${display(evidence.account, 80)} cannot be read (${display(evidence.failure, 40)})`,
    seen: `Since ${instant(evidence.sinceAt, context)}: ${sentence(evidence.error)}`,
    impact: 'What senders report is not seen. Nothing is lost: the mails wait on the server.',
    remedy: [
      text(
        'See that the server can be reached from this machine, that user and password or token in the environment are right, and that the folder in watch.yaml exists.',
      ),
    ],
    rfc: OWN,
  }),
  'monitor.mailbox.renumbered': ({ evidence }, context) => ({
    title: `The server numbered the mails of ${quoted(evidence.folder, 80)} anew; the folder was read again`,
    seen: `UIDVALIDITY of ${display(evidence.account)} changed from ${display(evidence.before)} to ${display(evidence.after)} at ${instant(evidence.at, context)}.`,
    impact: 'None: no report counts twice.',
    remedy: [
      text('Nothing is to be done, unless it happens again and again: then ask who recreates the folder.'),
    ],
    rfc: 'RFC 3501 §2.3.1.1',
  }),
  'monitor.mailbox.unreadable': ({ evidence }) => ({
    title: `${plural(evidence.mails, 'report mail')} of the last day could not be read`,
    seen: `Among them: ${evidence.examples
      .map(({ sender, reason }) => `${display(sender, 120)}: ${display(reason, 200).replace(/\.$/, '')}`)
      .join('; ')}.`,
    impact: 'What these mails report does not count.',
    remedy: [
      text(
        'See what the senders and reasons have in common: a gateway that adds a banner or unpacks attachments breaks signatures and reports.',
      ),
    ],
    rfc: OWN,
  }),
}
