import { HOUR_MS } from '../../lib/time.ts'
import type { Incident, ThreadId } from '../../model/incident.ts'
import type { ButtonPress } from '../../notify/slack-socket.ts'
import type { Store } from '../../store/store.ts'
import { type AnswerTools, acknowledgeIncidents, beginSilence } from './answer.ts'

const SILENCE_MS = 4 * HOUR_MS

export interface PressTools extends AnswerTools {
  readonly store: Pick<Store, 'quiet' | 'incidents' | 'outbox'>
}

/**
 * Does what a person's press of a button asks for; the conversation then shows it. Gives what is to be said to that
 * person alone when there is nothing to do; null otherwise. The button must be under the very message that we posted for
 * the thread which it names.
 */
export async function answerPress(
  { action, thread, channel, message, user }: ButtonPress,
  tools: PressTools,
): Promise<string | null> {
  const references = await tools.store.outbox.references(thread as ThreadId)
  if (!references.includes(`${channel}/${message}`)) {
    return 'This message is not one that stswatch knows (any more). What is open: stswatch incidents'
  }
  const open = (await tools.store.incidents.ofThread(thread as ThreadId)).filter(isOpen)
  if (open.length === 0) return 'Nothing of this is open any more.'
  if (action === 'acknowledge') await acknowledgeIncidents(open, { by: user.name, note: null }, tools)
  else await silence(open, user.name, tools)
  return null
}

/** One silence for each finding and domain of the conversation; it is told once. */
async function silence(open: readonly Incident[], by: string, tools: PressTools): Promise<void> {
  const until = tools.now + SILENCE_MS
  const byPattern = new Map(open.map((incident) => [patternOf(incident), incident]))
  let told = false
  for (const [pattern, incident] of byPattern) {
    await beginSilence({ pattern, until, by, reason: null }, told ? [] : [incident], tools)
    told = true
  }
}

function patternOf({ latest, domain }: Incident): string {
  return domain === null ? latest.code : `${latest.code}@${domain}`
}

function isOpen({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}
