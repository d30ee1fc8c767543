import type { Signals } from '../app/serve.ts'

/** SIGTERM and SIGINT stop cleanly, a second one at once (R21); SIGHUP asks for a reload. Disposed: as before. */
export function processSignals(): Signals & AsyncDisposable {
  const stop = new AbortController()
  const reloads = new Set<() => void>()
  const onStop = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort(new Error('told to stop'))
  }
  const onReload = () => {
    for (const reload of reloads) reload()
  }
  process.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', onReload)
  return {
    stop: stop.signal,
    onReload: (reload) => void reloads.add(reload),
    async [Symbol.asyncDispose]() {
      process.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onReload)
    },
  }
}
