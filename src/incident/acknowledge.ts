import type { UnixMs } from '../lib/time.ts'
import type { Acknowledgement, Incident } from '../model/incident.ts'

/** That this person looks after the incident as it stands now; `note` null: nothing to add. */
export function acknowledge(
  { id, transitions }: Incident,
  by: string,
  note: string | null,
  at: UnixMs,
): Acknowledgement {
  return { incident: id, transitions, by, at, note }
}

/** The acknowledgement that holds for the incident: given since it was last told of; null when there is none (R71). */
export function acknowledgementOf(
  { id, transitions }: Incident,
  acknowledgements: readonly Acknowledgement[],
): Acknowledgement | null {
  return acknowledgements.find((given) => given.incident === id && given.transitions === transitions) ?? null
}
