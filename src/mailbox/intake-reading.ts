import type { Authenticity } from '../model/received-report.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import { type DeviationWeight, deviationWeight } from '../protocol/tlsrpt/deviation-codes.ts'
import type { IntakeOrigin, IntakeReading, ReadReport } from './intake.ts'
import { type ContentReading, readContent } from './read-reports.ts'
import { sniff } from './sniff.ts'

export interface Incoming {
  readonly bytes: Uint8Array
  readonly origin: IntakeOrigin
}

/** What came by mail is a mail, whatever its first bytes look like. */
export function readIncoming({ bytes, origin }: Incoming): Promise<ContentReading> {
  const fileName = origin.kind === 'file' ? origin.name : null
  return readContent(bytes, fileName, origin.kind === 'mail' ? 'mail' : sniff(bytes))
}

function mailOf({ mail }: ContentReading): IntakeReading['mail'] {
  return mail === null ? null : { messageId: mail.messageId, from: mail.from, subject: mail.subject }
}

/** The reading of a mail or file with reports in it, and who answers for them. */
export function reported(
  content: ContentReading,
  authentication: Authenticity | { readonly postponed: string },
): IntakeReading {
  const { reports, deviations } = content
  const result =
    'postponed' in authentication
      ? ({ kind: 'postponed', detail: authentication.postponed } as const)
      : ({ kind: 'reports', authenticity: authentication, reports, deviations } as const)
  return { mail: mailOf(content), result }
}

const HEAVIEST_FIRST: readonly DeviationWeight[] = ['refused', 'lost', 'read']

/** The reading of a mail or file without a report that could be read. */
export function unreadable(content: ContentReading): IntakeReading {
  const { deviations, claimed } = content
  const heaviest = HEAVIEST_FIRST.map((weight) =>
    deviations.find(({ code }) => deviationWeight(code) === weight),
  ).find((deviation) => deviation !== undefined)
  const reason = heaviest?.code ?? 'no-report'
  return {
    mail: mailOf(content),
    result: claimed ? { kind: 'rejected', reason, deviations } : { kind: 'not-a-report', reason },
  }
}

/** A file that is no mail: the contact in the first report is all that is known. */
export function withoutMail(reports: readonly ReadReport[]): Authenticity {
  const claimed = parseDomainName(reports[0]?.report.contactInfo?.split('@').at(-1) ?? '')
  const detail = 'a file without the mail that it came in'
  return { trust: 'unverified', claimed, because: 'no-mail', detail }
}
