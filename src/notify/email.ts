import { composeMail, type MailDraft } from '../mail/compose.ts'
import type { MailTransport } from '../mail/transport.ts'
import type { ChannelId, Delivery, Notification } from '../model/notification.ts'
import type { WeeklySummary } from '../model/weekly-summary.ts'
import type { MailAddress } from '../protocol/mail-address.ts'
import { addressDomain } from '../protocol/mail-address.ts'
import { mailBodies } from './email-body.ts'
import type { Message, Notifier } from './notifier.ts'
import { originalContent, tellStory } from './story.ts'
import { summaryMails } from './summary-mail.ts'
import type { Wording } from './wording.ts'

/** An e-mail channel: its people, and the sender that they see. */
export interface MailParties {
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
}

/** A server that never says yes may store a copy each time: after so many attempts another channel must tell it. */
const UNCONFIRMED_MAX = 4

/** Gmail hides the end of a larger one, and phones fetch it late. */
const SIZE_MAX = 100_000

/** As `render` froze it: a changed configuration does not reroute a message that may be half sent. */
interface MailPayload extends MailParties {
  readonly raw: string
}

/**
 * An e-mail channel. Every attempt sends the same bytes under the same Message-ID; mail cannot be looked up, so an
 * attempt of unknown outcome is repeated and may arrive twice, as one message (R65). The reference is the Message-ID of
 * the thread's first message.
 */
export function emailNotifier(
  id: ChannelId,
  parties: MailParties,
  transport: MailTransport,
  wording: Wording,
): Notifier {
  return {
    id,
    render(message) {
      const payload: MailPayload = { ...parties, raw: rawMail(message, parties, wording) }
      return JSON.stringify(payload)
    },
    async send(attempt, signal): Promise<Delivery> {
      const { payload, dedupeKey, threadReference } = attempt
      const { from, to, raw } = JSON.parse(payload) as MailPayload
      const outcome = await transport.send({ from, to, raw }, signal)
      const reference = threadReference ?? messageId(dedupeKey, from)
      switch (outcome.outcome) {
        case 'accepted':
          return outcome.refused.length === 0
            ? { outcome: 'delivered', reference }
            : { outcome: 'delivered-in-part', reference, error: outcome.refused.join('; ') }
        case 'retry':
          return { outcome: 'retry', afterMs: null, error: outcome.error }
        case 'ambiguous':
          return attempt.ambiguous && attempt.attempt >= UNCONFIRMED_MAX
            ? { outcome: 'rejected', errorCode: 'smtp_unconfirmed', error: outcome.error }
            : outcome
        case 'rejected':
          return { outcome: 'rejected', errorCode: outcome.code, error: outcome.error }
      }
    },
  }
}

function rawMail(message: Message, parties: MailParties, wording: Wording): string {
  const [first] = message.notifications
  if (first === undefined) throw new Error('a message needs at least one notification')
  const original = originalContent(first.content)
  if (original.kind === 'summary') return rawSummary(original.summary, first, parties)
  let raw = ''
  for (const body of mailBodies(tellStory(message, wording))) {
    raw = composeMail({
      ...parties,
      ...body,
      createdAt: first.createdAt,
      messageId: messageId(first.dedupeKey, parties.from),
      threadRoot: message.threadReference,
      boundaryKey: first.dedupeKey,
      listName: 'stswatch alerts',
      images: [],
      attachments: [],
    })
    if (raw.length <= SIZE_MAX) break
  }
  return raw
}

/** R72 */
const SUMMARY_MAX = 200_000

/** The table of all domains comes on top of the limit: it is what the limit is for. */
function rawSummary(summary: WeeklySummary, notification: Notification, parties: MailParties): string {
  const { dedupeKey, createdAt } = notification
  let raw = ''
  for (const mail of summaryMails(summary, dedupeKey, addressDomain(parties.from))) {
    const draft: MailDraft = {
      ...parties,
      ...mail,
      createdAt,
      messageId: messageId(dedupeKey, parties.from),
      threadRoot: null,
      boundaryKey: dedupeKey,
      listName: 'stswatch summaries',
    }
    raw = composeMail(draft)
    if (composeMail({ ...draft, attachments: [] }).length <= SUMMARY_MAX) break
  }
  return raw
}

function messageId(dedupeKey: string, from: MailAddress): string {
  return `<${dedupeKey.slice(0, 32)}@${addressDomain(from)}>`
}
