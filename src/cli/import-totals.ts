import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { rejectionText } from '../announce/rejection-words.ts'
import type { ImportedFile } from '../app/import-files.ts'
import type { DistrustCode, MailClass } from '../model/received-report.ts'
import { countText, numberText } from './render-report.ts'

/** What became of the files of one import, added up. */
export class ImportTotals {
  readonly classes = new Map<MailClass | 'unread', number>()
  readonly distrust = new Map<DistrustCode, number>()
  files = 0
  newReports = 0
  admitted = 0
  missing = 0

  add(file: ImportedFile): void {
    this.files += 1
    if ('problem' in file) {
      count(this.classes, 'unread')
      if (file.problem.kind === 'missing') this.missing += 1
      return
    }
    count(this.classes, file.mailClass)
    this.newReports += file.counted.length
    const because = file.mailClass === 'quarantined' ? distrustOf(file) : null
    if (because !== null) count(this.distrust, because)
  }

  /** Files that could not be read or taken: the exit status tells. */
  get failures(): number {
    return this.of('unread') + this.of('rejected') + this.of('postponed')
  }

  of(key: MailClass | 'unread'): number {
    return this.classes.get(key) ?? 0
  }

  /** "12 files: 9 new reports, 1 duplicate, 1 quarantined (unsigned), 1 rejected" */
  text(): string {
    const quarantined = this.of('quarantined')
    const parts = [
      [this.newReports, countText(this.newReports, 'new report')],
      [this.of('duplicate'), countText(this.of('duplicate'), 'duplicate')],
      [this.of('conflict'), `${numberText(this.of('conflict'))} in conflict with an earlier report`],
      [quarantined, `${numberText(quarantined)} quarantined${this.#reasons()}`],
      [this.of('rejected'), `${numberText(this.of('rejected'))} rejected`],
      [this.of('postponed'), `${numberText(this.of('postponed'))} to be imported again later`],
      [this.of('not-a-report'), `${numberText(this.of('not-a-report'))} without a report`],
      [this.of('unread'), `${numberText(this.of('unread'))} could not be read`],
    ] as const
    const told = parts.filter(([number]) => number > 0).map(([, text]) => text)
    const admitted = this.admitted === 0 ? '' : `; ${countText(this.admitted, 'report')} admitted`
    return `${countText(this.files, 'file')}: ${told.length === 0 ? 'nothing to read' : told.join(', ')}${admitted}`
  }

  #reasons(): string {
    const reasons = [...this.distrust].sort(([, a], [, b]) => b - a)
    if (reasons.length === 0) return ''
    const [first] = reasons
    return reasons.length === 1 && first !== undefined
      ? ` (${DISTRUST_WORDS[first[0]].short})`
      : ` (${reasons.map(([code, times]) => `${numberText(times)} ${DISTRUST_WORDS[code].short}`).join(', ')})`
  }
}

/** Why a file was not taken; null when it was. */
export function complaintOf(file: ImportedFile): string | null {
  if ('problem' in file) return file.problem.message
  switch (file.verdict?.kind) {
    case 'rejected':
      return `rejected: ${rejectionText(file.verdict.reason)} [${file.verdict.reason}]`
    case 'postponed':
      return `its signature cannot be judged just now, import it again later: ${rejectionText(file.verdict.reason)}`
    default:
      return null
  }
}

/** Why nobody answers for what a quarantined file holds. */
export function distrustOf(file: Exclude<ImportedFile, { readonly problem: unknown }>): DistrustCode | null {
  if (file.verdict?.kind !== 'reports') return null
  const authenticity = file.verdict.reports[0]?.authenticity
  return authenticity?.trust === 'unverified' ? authenticity.because : null
}

function count<K>(map: Map<K, number>, key: K): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}
