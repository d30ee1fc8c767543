import { FaultError } from './fault-error.ts'

/** A moment by which several steps must be done together. */
export interface Deadline {
  /** Aborts when the time is up or the caller gives up; a step must then destroy its sockets and reject. */
  readonly signal: AbortSignal
  /** Runs one step. Whatever it rejects with after an abort is told as the overrun, or as given up. */
  run<T>(overrun: () => FaultError, step: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** A deadline in `ms` from now; `outer` is the caller's own signal. */
export function startDeadline(ms: number, outer: AbortSignal): Deadline {
  const timer = AbortSignal.timeout(ms)
  const signal = AbortSignal.any([outer, timer])
  return {
    signal,
    async run(overrun, step) {
      try {
        signal.throwIfAborted()
        return await step(signal)
      } catch (error) {
        if (outer.aborted) throw stopped(overrun().message)
        throw timer.aborted ? overrun() : error
      }
    },
  }
}

/** Runs `work` under a hard deadline of its own (R23); an overrun is the fault `deadline`. */
export function withDeadline<T>(
  ms: number,
  outer: AbortSignal,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const overrun = () => new FaultError('deadline', 'path', `${what}: not done within ${ms} ms`)
  return startDeadline(ms, outer).run(overrun, work)
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
