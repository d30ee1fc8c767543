import type { Authenticity } from '../model/received-report.ts'
import type { Deviation } from '../protocol/tlsrpt/deviation.ts'
import type { TlsReport } from '../protocol/tlsrpt/report.ts'
import type { ReportHints } from '../protocol/tlsrpt/report-mail.ts'

/**
 * Reads mails and files on a thread of its own: finds the reports in them and says who answers for them. Whatever a
 * sender wrote, the main thread goes on (S6, R85).
 */
export interface Intake extends AsyncDisposable {
  /**
   * `bytes` stay the caller's and must not change until the answer is there. Rejects with IntakeFailure when this mail or
   * file could not be read to its end, and with the signal's reason when aborted; later ones are read all the same.
   */
  read(bytes: Uint8Array, origin: IntakeOrigin, signal: AbortSignal): Promise<IntakeReading>
}

export type IntakeOrigin = { readonly kind: 'mail' } | { readonly kind: 'file'; readonly name: string | null }

export interface IntakeReading {
  /** Of the mail around the reports; null for a file that is no mail. */
  readonly mail: {
    readonly messageId: string | null
    readonly from: string | null
    readonly subject: string | null
  } | null
  readonly result: IntakeResult
}

export type IntakeResult =
  | {
      readonly kind: 'reports'
      readonly authenticity: Authenticity
      readonly reports: readonly ReadReport[]
      readonly deviations: readonly Deviation[]
    }
  /** It is, or claims to be, a report, and cannot be read. `reason` is the heaviest deviation's code. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly deviations: readonly Deviation[] }
  /** Nothing in it looks like a report: a bounce, an auto-reply, a DMARC report … */
  | { readonly kind: 'not-a-report'; readonly reason: string }
  /** The key of the signature could not be looked up just now (R49). */
  | { readonly kind: 'postponed'; readonly detail: string }

export interface ReadReport {
  readonly report: TlsReport
  readonly hints: ReportHints
}
