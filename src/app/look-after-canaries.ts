import { DAY_MS } from '../lib/time.ts'
import type { AppTools } from './app-tools.ts'
import { canaryAddresses } from './canary-addresses.ts'
import type { Settings } from './settings.ts'

/** "Since when has none arrived" is answered so far back. */
const MOST_PER_ADDRESS = 60
/** A mail waits for its key for three days at most (R49). */
const POSTPONED_MS = 4 * DAY_MS

/** Tells the monitor how it stands with the reports to ourselves. */
export async function lookAfterCanaries(
  { config, intake }: Pick<Settings, 'config' | 'intake'>,
  { store, monitor, clock }: Pick<AppTools, 'store' | 'monitor' | 'clock'>,
): Promise<void> {
  const { canary } = config.reports
  if (canary === null) return monitor.canaries.forget()
  const addresses = monitor.canaries.addresses ?? (await canaryAddresses(config, intake, store)).own
  monitor.canaries.goTo(addresses)
  const ruas = addresses.map(({ rua }) => rua)
  const postponed = await store.reports.mails('postponed', clock.now() - POSTPONED_MS, 1)
  monitor.canaries.note({
    addresses,
    canaries: await store.canaries.recent(ruas, MOST_PER_ADDRESS),
    limits: canary,
    sight: {
      readAt: monitor.mailbox.readAt,
      hasUnjudgedMail: postponed.length > 0,
      isHeld: await isHeld({ store, monitor, clock }),
    },
  })
}

/** Also when it was so before the start, and none was tried since. */
async function isHeld({
  store,
  monitor,
  clock,
}: Pick<AppTools, 'store' | 'monitor' | 'clock'>): Promise<boolean> {
  if (monitor.reports.isTried) return monitor.reports.state().heldReports !== null
  const own = await store.incidents.remembered(null, clock.now())
  return own.some(({ latest, phase }) => latest.code === 'monitor.reports.held' && phase.name === 'open')
}
