import { display } from '../lib/display.ts'
import { systemClock } from '../lib/time.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import { type DomainName, displayDomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { countText } from './render-report.ts'
import { findReport } from './reports-show.ts'

export interface ReportsAdmitRequest {
  readonly configFile: string
  /** The beginning of a report's id, or a sender's domain. */
  readonly what: string
}

/** `reports admit ID|SENDER`: the operator vouches for a quarantined report, or for all that a sender is said to send. */
export async function reportsAdmitCommand(
  { configFile, what }: ReportsAdmitRequest,
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const sender = what.includes('.') ? parseDomainName(what) : null
  // Awaited here: the database stays open until it ends.
  return sender === null ? await admitReport(what, store, io) : await admitSender(sender, store, io)
}

async function admitReport(id: string, store: Store, io: Io): Promise<number> {
  const report = await findReport(store.reports, id, io)
  if (report === null) return EXIT.noInput
  const why = whyNot(report)
  if (why !== null) {
    io.err(`stswatch reports admit: ${report.id} ${why}\n`)
    return EXIT.findings
  }
  const admitted = await store.reports.admit({ id: report.id }, systemClock.now())
  io.out(
    admitted.length === 0
      ? `${report.id} stays where it is: what it says counts already, from another report.\n`
      : `${report.id} counts from now on.\n`,
  )
  return EXIT.ok
}

/** Null when there is something to admit. */
function whyNot({ standing }: ReceivedReport): string | null {
  switch (standing) {
    case 'quarantined':
      return null
    case 'conflict':
      return 'says other numbers than an earlier report with the same id: the first one counts'
    case 'counted':
    case 'admitted':
      return 'counts already'
  }
}

async function admitSender(sender: DomainName, store: Store, io: Io): Promise<number> {
  const admitted = await store.reports.admit({ sender }, systemClock.now())
  io.out(
    `${countText(admitted.length, 'report')} of ${display(displayDomainName(sender))} ${admitted.length === 1 ? 'counts' : 'count'} now, and so will those to come, signed or not.\n`,
  )
  return EXIT.ok
}
