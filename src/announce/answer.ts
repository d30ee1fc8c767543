import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import { sha256 } from '../lib/sha256.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import type { Answer, Notification, NotificationId } from '../model/notification.ts'
import { routeIncident } from './route.ts'

/** Who did something about an incident, and what. */
export interface Answered {
  readonly by: string
  readonly at: UnixMs
  readonly answer: Answer
}

/**
 * Tells what a person did, in the Slack channels that the incident is told in: there it goes into the conversation and
 * wakes nobody. Mail and webhooks are not told.
 */
export function tellAnswer(
  incident: Incident,
  domain: WatchedDomain | null,
  config: Pick<WatchConfig, 'channels'>,
  { by, at, answer }: Answered,
  newId: NewId,
): readonly Notification[] {
  return routeIncident(incident, domain, config)
    .filter(({ channel }) => config.channels.get(channel)?.type === 'slack')
    .map(({ channel, to }) => ({
      id: newId('ntf') as NotificationId,
      channel,
      thread: incident.thread,
      createdAt: at,
      notBefore: at,
      dedupeKey: sha256(JSON.stringify([channel, to, incident.id, answer.kind, by, at])),
      severity: 'info',
      held: null,
      content: { kind: 'answer', incident, answer, by, at },
    }))
}
