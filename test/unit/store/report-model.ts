/** The memory for reports as a list of mails, read anew from the first at every question: what the real one must agree with. */
import type { MailClass, Standing } from '../../../src/model/received-report.ts'
import type { NewReport } from '../../../src/store/report-store.ts'

interface ModelMail {
  readonly uid: number
  reports: readonly NewReport[]
  /** Identities of its reports that the operator vouched for. */
  readonly vouched: Set<string>
}

interface ModelRow {
  readonly uid: number
  readonly report: NewReport
  standing: Standing
}

export interface ModelState {
  readonly classes: ReadonlyMap<number, MailClass>
  /** `reporter day sessions` of everything that counts, sorted. */
  readonly counting: readonly string[]
}

export class ReportModel {
  readonly #mails: ModelMail[] = []
  readonly #admitted = new Set<string>()

  commit(uid: number, reports: readonly NewReport[]): void {
    if (this.#find(uid) === undefined) this.#mails.push({ uid, reports, vouched: new Set() })
  }

  replace(uid: number, reports: readonly NewReport[]): void {
    const mail = this.#find(uid)
    if (mail !== undefined) mail.reports = reports
  }

  admitSender(sender: string): void {
    this.#admitted.add(sender)
  }

  admitReport(uid: number, identity: string): void {
    this.#find(uid)?.vouched.add(identity)
  }

  #find(uid: number): ModelMail | undefined {
    return this.#mails.find((mail) => mail.uid === uid)
  }

  readings(): readonly { readonly uid: number; readonly reports: readonly NewReport[] }[] {
    return this.#mails
  }

  state(): ModelState {
    const rows: ModelRow[] = []
    for (const { uid, reports } of this.#mails) {
      for (const report of reports) {
        const same = rows.filter((row) => row.report.identity === report.identity)
        if (same.some((row) => row.report.contentSha256 === report.contentSha256)) continue
        const signed = report.authenticity.trust !== 'unverified'
        rows.push({
          uid,
          report,
          standing: same.length > 0 ? 'conflict' : signed ? 'counted' : 'quarantined',
        })
      }
    }
    const contents = new Set(
      rows.filter((row) => row.standing === 'counted').map((row) => row.report.contentSha256),
    )
    for (const row of rows) {
      if (row.standing !== 'quarantined' || !this.#isVouched(row)) continue
      if (contents.has(row.report.contentSha256)) continue
      contents.add(row.report.contentSha256)
      row.standing = 'admitted'
    }
    return {
      classes: new Map(this.#mails.map(({ uid }) => [uid, classOf(rows.filter((row) => row.uid === uid))])),
      counting: rows
        .filter(({ standing }) => standing === 'counted' || standing === 'admitted')
        .map(({ report }) => describe(report))
        .sort(),
    }
  }

  #isVouched({ uid, report }: ModelRow): boolean {
    return this.#admitted.has(reporterOf(report)) || this.#find(uid)?.vouched.has(report.identity) === true
  }
}

function classOf(rows: readonly ModelRow[]): MailClass {
  const standings = rows.map(({ standing }) => standing)
  if (standings.includes('counted') || standings.includes('admitted')) return 'accepted'
  if (standings.includes('quarantined')) return 'quarantined'
  return standings.includes('conflict') ? 'conflict' : 'duplicate'
}

function reporterOf({ authenticity }: NewReport): string {
  return authenticity.trust === 'unverified' ? (authenticity.claimed ?? '') : authenticity.signer
}

function describe(report: NewReport): string {
  const { dayAt } = report.attributions[0] ?? { dayAt: 0 }
  return `${reporterOf(report)} ${dayAt} ${report.report.policies[0]?.successfulSessions}`
}
