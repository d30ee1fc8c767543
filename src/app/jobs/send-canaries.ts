import type { UnixMs } from '../../lib/time.ts'
import { canarySubmission } from '../../submit/canary-report.ts'
import type { AppTools } from '../app-tools.ts'
import { canaryAddresses } from '../canary-addresses.ts'
import type { Settings } from '../settings.ts'

/** Puts the canaries of a slot on their way, one an address that is ours; gives how many addresses those are. Done again it adds nothing. */
export async function sendCanaries(
  slotAt: UnixMs,
  { config, reporter, intake }: Pick<Settings, 'config' | 'reporter' | 'intake'>,
  { store, monitor, clock, log }: Pick<AppTools, 'store' | 'monitor' | 'clock' | 'log'>,
): Promise<number> {
  if (reporter === null || config.reports.canary === null) return 0
  const { own, others } = await canaryAddresses(config, intake, store)
  monitor.canaries.goTo(own)
  const canaries = own.map(({ rua }) => canarySubmission({ rua, slotAt }, reporter, clock.now()))
  const queued = await store.canaries.queue(canaries)
  log.info('canaries.queued', { queued, own: own.length, others: others.length })
  return own.length
}
