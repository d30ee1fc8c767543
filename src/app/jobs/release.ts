import { releaseOf } from '../../announce/release.ts'
import type { Incident } from '../../model/incident.ts'
import type { AppTools } from '../app-tools.ts'
import { quietNow } from '../quiet.ts'
import type { Settings } from '../settings.ts'

/** Tells what was held back and is quiet no longer, and forgets what came and went unheard. Gives what was told. */
export async function releaseHeld(
  { config }: Settings,
  { store, clock }: AppTools,
): Promise<readonly Incident[]> {
  const held = await store.quiet.held()
  if (held.length === 0) return []
  const now = clock.now()
  const quiet = quietNow(await store.quiet.silences(now), config, now)
  const domains = new Map(config.domains.map((domain) => [domain.name, domain]))
  const told: Incident[] = []
  for (const { incident, wasTold } of held) {
    const domain = incident.domain === null ? null : (domains.get(incident.domain) ?? null)
    const verdict = releaseOf(incident, wasTold, quiet(incident.latest.code, domain) !== null)
    if (verdict === 'drop') await store.quiet.drop(incident.id)
    if (verdict !== 'tell') continue
    await store.quiet.release(incident.id, now)
    told.push(incident)
  }
  return told
}
