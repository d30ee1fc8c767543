import type { MailTransport } from '../mail/transport.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { ReportAuthor } from '../submit/daily-report.ts'
import type { HttpsDoor } from '../submit/post-report.ts'
import type { SignedReport } from './sign-report.ts'

/** Who sends our own TLS reports, and by which ways. */
export interface Reporter {
  readonly author: ReportAuthor
  /** The domain of the author's contact (RFC 8460 §5.3). */
  readonly submitter: DomainName
  /** Which key they are signed with, for people. */
  readonly key: { readonly domain: DomainName; readonly selector: string }
  readonly transport: MailTransport
  readonly door: HttpsDoor
  /** HMAC-SHA-256 in lower-case hex; its key is made from the key for reports, so that there is no other secret to keep. */
  mac(text: string): string
  sign(raw: string, signal: AbortSignal): Promise<SignedReport>
}
