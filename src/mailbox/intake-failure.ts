/**
 * timeout: reading took longer than any honest content does. crashed: the thread ended in the middle of it, mostly for
 * want of memory. closed: the intake was closed first.
 */
export type IntakeFailureKind = 'timeout' | 'crashed' | 'closed'

/** One mail or file could not be read to its end, whoever's fault that is: an attempt is to be counted (R47). */
export class IntakeFailure extends Error {
  readonly kind: IntakeFailureKind

  override readonly name = 'IntakeFailure'

  constructor(kind: IntakeFailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}
