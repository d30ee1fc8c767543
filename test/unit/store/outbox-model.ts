/** The outbox as a list in memory: what the real one must agree with. */
import type { Notification } from '../../../src/model/notification.ts'
import type { Settlement } from '../../../src/store/store.ts'

export interface ModelRow {
  readonly notification: Notification
  state: 'pending' | 'leased' | 'ambiguous' | 'sent' | 'merged' | 'dead'
  dueAt: number
  delivery: string | null
  ambiguous: boolean
  attempts: number
  /** Which claim holds it; 0 for none. */
  lease: number
}

export interface ModelClaim {
  readonly lease: number
  readonly rows: readonly ModelRow[]
  readonly ambiguous: boolean
  readonly attempt: number
}

const FINISHED = ['sent', 'merged', 'dead']

export class OutboxModel {
  readonly rows: ModelRow[] = []
  #leases = 0

  insert(notification: Notification): void {
    if (this.rows.some((row) => row.notification.dedupeKey === notification.dedupeKey)) return
    this.rows.push({
      notification,
      state: 'pending',
      dueAt: notification.notBefore,
      delivery: null,
      ambiguous: false,
      attempts: 0,
      lease: 0,
    })
  }

  claim(channel: string, now: number, leaseMs: number): ModelClaim | null {
    const head = this.#heads().find((row) => row.notification.channel === channel && row.dueAt <= now)
    if (head === undefined) return null
    const thread = this.#open().filter((row) => sameThread(row, head))
    const firstNotDue = thread.findIndex((row) => row.dueAt > now)
    const rows =
      head.delivery === null
        ? thread.slice(0, firstNotDue === -1 ? thread.length : firstNotDue)
        : thread.filter((row) => row.delivery === head.delivery)
    const ambiguous = head.ambiguous || head.state === 'leased'
    const lease = ++this.#leases
    const attempt = head.attempts + 1
    const delivery = head.delivery ?? head.notification.id
    for (const row of rows) {
      Object.assign(row, {
        state: 'leased',
        dueAt: now + leaseMs,
        delivery,
        ambiguous,
        attempts: attempt,
        lease,
      })
    }
    return { lease, rows, ambiguous, attempt }
  }

  settle(claim: ModelClaim, settlement: Settlement): boolean {
    const held = claim.rows.filter((row) => row.lease === claim.lease)
    if (held.length === 0) return false
    for (const [index, row] of held.entries()) {
      row.lease = 0
      if (settlement.state === 'sent') row.state = index === 0 ? 'sent' : 'merged'
      else row.state = settlement.state
      if ('notBefore' in settlement) row.dueAt = settlement.notBefore
      if (settlement.state === 'ambiguous') row.ambiguous = true
      if (settlement.state === 'pending' && !row.ambiguous) row.delivery = null
    }
    if (settlement.state === 'dead') for (const fallback of settlement.fallback) this.insert(fallback)
    return true
  }

  recover(now: number): number {
    const leased = this.rows.filter((row) => row.state === 'leased')
    for (const row of leased)
      Object.assign(row, { state: 'ambiguous', ambiguous: true, dueAt: now, lease: 0 })
    return leased.length
  }

  nextDueAt(): number | null {
    const due = this.#heads().map((row) => row.dueAt)
    return due.length === 0 ? null : Math.min(...due)
  }

  #open(): readonly ModelRow[] {
    return this.rows.filter((row) => !FINISHED.includes(row.state))
  }

  #heads(): readonly ModelRow[] {
    const open = this.#open()
    return open.filter((row) => open.find((other) => sameThread(other, row)) === row)
  }
}

function sameThread(one: ModelRow, other: ModelRow): boolean {
  const a = one.notification
  const b = other.notification
  return a.channel === b.channel && a.thread === b.thread
}
