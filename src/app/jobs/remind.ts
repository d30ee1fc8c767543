import { remind, reminderAt } from '../../announce/remind.ts'
import { acknowledgementOf } from '../../incident/acknowledge.ts'
import type { UnixMs } from '../../lib/time.ts'
import type { Incident } from '../../model/incident.ts'
import type { AppTools } from '../app-tools.ts'
import { quietNow } from '../quiet.ts'
import type { Settings } from '../settings.ts'

/**
 * Reminds of the incidents whose instant fell after the last round, which the database remembers: a pause is made up
 * for with one reminder, and an instant that was acknowledged or quiet is not made up for at all (R71). While the monitor
 * is blind nobody knows whether a domain's problem still lasts, and nothing is said of it (R27).
 */
export async function remindOfOpen(
  { config }: Settings,
  { store, clock, newId, monitor }: AppTools,
): Promise<readonly Incident[]> {
  const now = clock.now()
  const since = await store.quiet.remindedUntil()
  const due = since === null ? [] : (await store.incidents.live()).filter((one) => fellAfter(one, since, now))
  const quiet = quietNow(await store.quiet.silences(now), config, now)
  const acknowledgements = due.length === 0 ? [] : await store.quiet.acknowledgements()
  const domains = new Map(config.domains.map((domain) => [domain.name, domain]))
  const isBlind = monitor.vantage().dns === 'blind'
  const reminded: Incident[] = []
  const notifications = due.flatMap((incident) => {
    const at = reminderAt(incident, now)
    const domain = incident.domain === null ? null : domains.get(incident.domain)
    if (at === null || domain === undefined || acknowledgementOf(incident, acknowledgements) !== null)
      return []
    if (quiet(incident.latest.code, domain) !== null || (isBlind && domain !== null)) return []
    reminded.push(incident)
    return remind(incident, at, domain, config, { now, newId })
  })
  await store.quiet.commitReminders(now, notifications)
  return reminded
}

function fellAfter(incident: Incident, since: UnixMs, now: UnixMs): boolean {
  const at = reminderAt(incident, now)
  return at !== null && at > since
}
