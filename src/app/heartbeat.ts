import type { HealthCode } from '../check/health.ts'
import { display } from '../lib/display.ts'
import type { Logger } from '../lib/log.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'

/** Tells somebody outside that the monitor lives; who misses it raises the alarm that a dead monitor cannot (R82). */
export interface Heartbeat {
  /** Pings the URL when all is well, else `URL/fail` with what is wrong. Never rejects. */
  beat(codes: readonly HealthCode[], signal: AbortSignal): Promise<void>
}

/** Nobody waits for it. */
export const NO_HEARTBEAT: Heartbeat = { beat: async () => {} }

const TIMEOUT_MS = 10 * SECOND_MS

/** A heartbeat to this URL; null: none. */
export function heartbeatTo(url: Secret | null, log: Logger): Heartbeat {
  if (url === null) return NO_HEARTBEAT
  let isFailing = false
  return {
    async beat(codes, signal) {
      const error = await ping(url, codes, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
      // Whoever is not reached will notice; the log says it once.
      if (error !== null && !isFailing) log.warn('heartbeat.failed', { error })
      if (error === null && isFailing) log.info('heartbeat.works')
      isFailing = error !== null
    },
  }
}

async function ping(url: Secret, codes: readonly HealthCode[], signal: AbortSignal): Promise<string | null> {
  const target = codes.length === 0 ? url.reveal() : `${url.reveal().replace(/\/$/, '')}/fail`
  try {
    const response = await fetch(target, {
      method: 'POST',
      body: codes.join('\n'),
      headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'stswatch' },
      redirect: 'manual',
      signal,
    })
    await response.body?.cancel()
    return response.ok ? null : `HTTP status ${response.status}`
  } catch (error) {
    const { message, cause } = error as Error
    return display(redact(`${message}${cause instanceof Error ? `: ${cause.message}` : ''}`, [url]))
  }
}
