import { tellAnswer } from '../../announce/answer.ts'
import type { WatchConfig } from '../../config/watch-config.ts'
import { acknowledge } from '../../incident/acknowledge.ts'
import type { NewId } from '../../lib/id.ts'
import type { UnixMs } from '../../lib/time.ts'
import type { Incident } from '../../model/incident.ts'
import type { Answer, Notification } from '../../model/notification.ts'
import type { Silence, SilenceId } from '../../model/silence.ts'
import type { Store } from '../../store/store.ts'

/** What a person's answer needs; `config` null: the watch list is broken, and nobody else is told of it. */
export interface AnswerTools {
  readonly store: Pick<Store, 'quiet'>
  readonly config: WatchConfig | null
  readonly now: UnixMs
  readonly newId: NewId
}

/** Notes that this person looks after these incidents, and says so in their conversations, once in each. */
export async function acknowledgeIncidents(
  incidents: readonly Incident[],
  { by, note }: { readonly by: string; readonly note: string | null },
  tools: AnswerTools,
): Promise<void> {
  const heads = new Set(oneOfEachThread(incidents))
  for (const incident of incidents) {
    const told = heads.has(incident) ? answered(incident, by, { kind: 'acknowledged', note }, tools) : []
    await tools.store.quiet.acknowledge(acknowledge(incident, by, note, tools.now), told)
  }
}

export interface SilenceWish {
  readonly pattern: string
  readonly until: UnixMs
  readonly by: string
  readonly reason: string | null
}

/** Begins a silence, and says so in the conversations of these incidents, once in each. */
export async function beginSilence(
  { pattern, until, by, reason }: SilenceWish,
  about: readonly Incident[],
  tools: AnswerTools,
): Promise<Silence> {
  const id = tools.newId('sil') as SilenceId
  const silence: Silence = { id, pattern, until, by, reason, createdAt: tools.now }
  const answer: Answer = { kind: 'silenced', until, reason }
  const told = oneOfEachThread(about).flatMap((incident) => answered(incident, by, answer, tools))
  await tools.store.quiet.silence(silence, told)
  return silence
}

function answered(
  incident: Incident,
  by: string,
  answer: Answer,
  { config, now, newId }: AnswerTools,
): readonly Notification[] {
  if (config === null) return []
  const { domain } = incident
  const watched = domain === null ? null : config.domains.find(({ name }) => name === domain)
  return watched === undefined ? [] : tellAnswer(incident, watched, config, { by, at: now, answer }, newId)
}

function oneOfEachThread(incidents: readonly Incident[]): readonly Incident[] {
  return [...new Map(incidents.map((incident) => [incident.thread, incident])).values()]
}
