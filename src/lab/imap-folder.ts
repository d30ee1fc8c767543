import type { UnixMs } from '../lib/time.ts'

/** One mail in a folder. */
export interface LabMail {
  readonly uid: number
  readonly receivedAt: UnixMs
  readonly raw: Buffer
  readonly flags: Set<string>
}

/** A folder of the lab's mailbox server. */
export class LabFolder {
  readonly name: string
  uidValidity: number
  uidNext = 1
  /** By UID, ascending. */
  readonly mails: LabMail[] = []

  constructor(name: string, uidValidity: number) {
    this.name = name
    this.uidValidity = uidValidity
  }

  /** Gives its UID. */
  add(raw: Buffer, receivedAt: UnixMs, flags: Iterable<string> = []): number {
    const uid = this.uidNext++
    this.mails.push({ uid, receivedAt, raw, flags: new Set(flags) })
    return uid
  }

  /** Those that are not there are left alone. */
  remove(uids: ReadonlySet<number>): void {
    for (let index = this.mails.length - 1; index >= 0; index--) {
      if (uids.has(this.mails[index]?.uid ?? 0)) this.mails.splice(index, 1)
    }
  }
}
