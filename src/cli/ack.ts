import { describe } from '../announce/describe.ts'
import { acknowledgeIncidents } from '../app/jobs/answer.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { systemClock } from '../lib/time.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { personOf } from './person.ts'

export interface AckRequest {
  readonly configFile: string
  /** An incident's id or its beginning. */
  readonly incident: string
  readonly note: string | null
  /** Null: the name of the user. */
  readonly by: string | null
}

/** `ack ID`: says that you look after an incident. No reminders until it gets worse, ends or comes back. */
export async function ackCommand(request: AckRequest, io: Io): Promise<number> {
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  const { store: held, config, timezone } = opened.value
  await using store = held
  const incident = await store.incidents.find(request.incident)
  const isOpen = incident?.phase.name === 'open' || incident?.phase.name === 'recovering'
  if (incident === null || !isOpen) {
    const what = incident === null ? 'no incident, or more than one, begins with' : 'nothing is open at'
    io.err(`stswatch ack: ${what} ${display(request.incident)}. What is open: stswatch incidents\n`)
    return EXIT.noInput
  }
  const by = request.by ?? personOf(io)
  const now = systemClock.now()
  await acknowledgeIncidents([incident], { by, note: request.note }, { store, config, now, newId: randomId })
  const who = incident.domain === null ? 'stswatch itself' : displayDomainName(incident.domain)
  const { title } = describe(incident.latest, { timezone, now })
  io.out(
    `${display(by)} looks after ${who}: ${title}\nNo reminders until it gets worse, ends or comes back.\n`,
  )
  return EXIT.ok
}
