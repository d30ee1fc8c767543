import { HOUR_MS, MINUTE_MS } from '../lib/time.ts'

/** What is wrong with a monitor that runs (R81). */
export type HealthCode =
  /** Domains wait for their looks. */
  | 'looks-overdue'
  /** A message could not be delivered for half an hour. */
  | 'messages-waiting'
  | 'mailbox-unread'
  | 'clock-wrong'
  /** Nothing was heard from the monitor itself for minutes. */
  | 'stalled'

export interface HealthFacts {
  /** Domains whose look is overdue by two of their intervals. */
  readonly overdueDomains: number
  /** Since when the message waits that has waited longest; null: none waits. */
  readonly waitingForMs: number | null
  /** Since the mailbox was read to its end, or since the start; null: none is read. */
  readonly mailboxUnreadForMs: number | null
  /** Null: nobody told. */
  readonly clockSkewMs: number | null
}

const WAITING_MAX_MS = 30 * MINUTE_MS
const UNREAD_MAX_MS = 60 * MINUTE_MS
const SKEW_MAX_MS = HOUR_MS

/** Everything that is wrong; empty: the monitor does its work. */
export function judgeHealth(facts: HealthFacts): readonly HealthCode[] {
  const codes: HealthCode[] = []
  if (facts.overdueDomains > 0) codes.push('looks-overdue')
  if (facts.waitingForMs !== null && facts.waitingForMs > WAITING_MAX_MS) codes.push('messages-waiting')
  if (facts.mailboxUnreadForMs !== null && facts.mailboxUnreadForMs > UNREAD_MAX_MS)
    codes.push('mailbox-unread')
  if (facts.clockSkewMs !== null && Math.abs(facts.clockSkewMs) > SKEW_MAX_MS) codes.push('clock-wrong')
  return codes
}
