import type { Canary } from '../model/canary.ts'
import type { Submission } from '../model/submission.ts'

/** TLS reports to ourselves: what was sent, and what of it came back. That is noted as mails are committed. */
export interface CanaryStore {
  /**
   * Puts canaries on their way, each once: one of this URI and slot that is known is left as it is. They go also to a URI
   * that is suppressed: it is how we hear that it takes reports again. Gives how many are new.
   */
  queue(canaries: readonly Submission[]): Promise<number>
  /** Of each URI the newest, newest first. */
  recent(ruas: readonly string[], mostPerUri: number): Promise<readonly Canary[]>
}
