import { FaultError } from './fault-error.ts'

/** A moment by which several steps must be done together (R23). */
export interface Deadline {
  /** Runs one step, whose signal aborts when the time is up or the caller gives up; it must then destroy its sockets and reject. */
  run<T>(step: (signal: AbortSignal) => Promise<T>): Promise<T>
}

export interface DeadlineOptions {
  readonly ms: number
  /** The caller's own signal. */
  readonly outer: AbortSignal
  /** Whose deadline it is, for the fault's text. */
  readonly what: string
  /** What an overrun is called. */
  readonly overrun: 'deadline' | 'http-timeout'
}

/** A deadline that runs from now on. Whatever a step rejects with after an abort is told as the overrun, or as given up. */
export function startDeadline({ ms, outer, what, overrun }: DeadlineOptions): Deadline {
  const timer = AbortSignal.timeout(ms)
  const signal = AbortSignal.any([outer, timer])
  return {
    async run(step) {
      try {
        signal.throwIfAborted()
        return await step(signal)
      } catch (error) {
        if (outer.aborted) throw stopped(what)
        throw timer.aborted ? new FaultError(overrun, 'path', `${what}: not done within ${ms} ms`) : error
      }
    },
  }
}

/** Runs one piece of work under a deadline of its own. */
export function withDeadline<T>(
  ms: number,
  outer: AbortSignal,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return startDeadline({ ms, outer, what, overrun: 'deadline' }).run(work)
}

/** The fault of a look that its caller gave up. */
export function stopped(what: string): FaultError {
  return new FaultError('deadline', 'local', `${what}: given up before it was done`)
}

/**
 * A promise that an event settles, or that rejects with `onAbort()` when `signal` aborts first. `start` attaches the
 * listeners and returns what detaches them; nothing stays attached afterwards.
 */
export function until<T>(
  signal: AbortSignal,
  onAbort: () => Error,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(onAbort())
    let stop: () => void = () => undefined
    let done = false
    const finish = (settle: () => void) => {
      if (done) return
      done = true
      signal.removeEventListener('abort', abort)
      stop()
      settle()
    }
    const abort = () => finish(() => reject(onAbort()))
    signal.addEventListener('abort', abort, { once: true })
    stop = start(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    )
  })
}
