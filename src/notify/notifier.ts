import type { Acknowledgement, Incident } from '../model/incident.ts'
import type { ChannelId, Delivery, Notification } from '../model/notification.ts'

/** One way to reach people. A channel is one file that gives one of these. */
export interface Notifier {
  readonly id: ChannelId
  /**
   * Renders the notifications (in order, at least one; of one thread, or of many: a digest) into the exact message. Pure apart from the
   * boundary ids it may draw; called once, its result is kept and every attempt sends the same.
   */
  render(message: Message): string
  /** One attempt. Never throws for what the far side does; an aborted signal gives `retry` or `ambiguous`. */
  send(attempt: Attempt, signal: AbortSignal): Promise<Delivery>
}

export interface Message {
  readonly notifications: readonly Notification[]
  /** Every incident of the thread (of a digest: all that it tells of) as it stands now; empty for a `changes` message. */
  readonly threadIncidents: readonly Incident[]
  /** Those that hold, of whichever incident. */
  readonly acknowledgements: readonly Acknowledgement[]
  /** The thread's root in this channel, as an earlier delivery returned it; null when this message begins it. */
  readonly threadReference: string | null
}

export interface Attempt {
  /** What `render` gave. */
  readonly payload: string
  /** Unique to this delivery and the same at every attempt. */
  readonly dedupeKey: string
  readonly attempt: number
  readonly firstAttemptAt: number
  /** An earlier attempt may have got through: look before sending again, where the channel can. */
  readonly ambiguous: boolean
  /** The thread's root in this channel, as an earlier delivery returned it. */
  readonly threadReference: string | null
}
