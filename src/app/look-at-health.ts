import { type HealthCode, judgeHealth } from '../check/health.ts'
import type { WatchedDomain } from '../config/watch-config.ts'
import { type Cron, parseCron } from '../lib/cron.ts'
import { nextSlot } from '../lib/cron-slots.ts'
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { AppTools } from './app-tools.ts'
import type { Settings } from './settings.ts'

/** Looks are spread within their interval, by an hour at most. */
const SPREAD_MS = HOUR_MS

/** Does the monitor do its work (R81)? `startedAt`: before it nothing could be done. A database that takes nothing ends the process. */
export async function lookAtHealth(
  { config }: Settings,
  { store, monitor, clock }: Pick<AppTools, 'store' | 'monitor' | 'clock'>,
  startedAt: UnixMs,
): Promise<readonly HealthCode[]> {
  const now = clock.now()
  const lastLooks = await store.snapshots.lastLooks()
  const waitingSince = await store.outbox.waitingSince()
  const overdue = overdueBy(config.timezone)
  return judgeHealth({
    overdueDomains: config.domains.filter((domain) =>
      overdue(domain, Math.max(lastLooks.get(domain.name) ?? 0, startedAt), now),
    ).length,
    waitingForMs: waitingSince === null ? null : now - waitingSince,
    mailboxUnreadForMs: config.mailbox === null ? null : now - (monitor.mailbox.readAt ?? startedAt),
    clockSkewMs: monitor.clockSkewMs(),
  })
}

/** Is a look that was last made then overdue by two intervals? Many domains share line and instant. */
function overdueBy(timezone: string): (domain: WatchedDomain, lastAt: UnixMs, now: UnixMs) => boolean {
  const crons = new Map<string, Cron>()
  const deadlines = new Map<string, UnixMs>()
  const cronOf = (line: string): Cron => {
    const known = crons.get(line)
    if (known !== undefined) return known
    const parsed = parseCron(line)
    // The configuration was checked: a line that does not parse cannot get here.
    if (!parsed.ok) throw new Error(`${line}: ${parsed.error}`)
    crons.set(line, parsed.value)
    return parsed.value
  }
  return ({ cron: line }, lastAt, now) => {
    const key = `${line}|${lastAt}`
    const known = deadlines.get(key)
    if (known !== undefined) return now > known
    const cron = cronOf(line)
    const first = nextSlot(cron, timezone, lastAt)
    const second = first === null ? null : nextSlot(cron, timezone, first)
    const deadline = (second ?? Number.MAX_SAFE_INTEGER) + SPREAD_MS
    deadlines.set(key, deadline)
    return now > deadline
  }
}
