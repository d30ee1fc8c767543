import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import type { DnsAnswer, Resolver } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { KeyLookUp } from './signing-key.ts'

/** Looks up DKIM keys; never rejects. */
export type KeyFinder = (name: DomainName) => Promise<KeyLookUp>

/** How long one key is waited for (S17). */
export const KEY_LOOK_UP_MS = 2 * SECOND_MS

/** How long an answer is good: what was found for its TTL at most. */
const KEPT_MS = { found: HOUR_MS, absent: MINUTE_MS, unknown: 10 * SECOND_MS } as const
const KEYS_KEPT = 500

interface KeptKey {
  readonly answer: Promise<KeyLookUp>
  /** On the clock that never jumps. */
  untilMs: number
}

/**
 * A finder that remembers: a backlog of a thousand mails of one sender is one question, and one wait when the DNS is
 * silent. `signal` ends all look-ups.
 */
export function createKeyFinder(resolver: Resolver, clock: Clock, signal: AbortSignal): KeyFinder {
  const kept = new Map<DomainName, KeptKey>()

  async function lookUp(name: DomainName): Promise<KeyLookUp> {
    const look = await resolver.txt(name, AbortSignal.any([signal, AbortSignal.timeout(KEY_LOOK_UP_MS)]))
    const answer = toLookUp(look)
    const ttlMs = look.outcome === 'seen' ? look.value.ttlSeconds * SECOND_MS : HOUR_MS
    const entry = kept.get(name)
    if (entry !== undefined) entry.untilMs = clock.monotonicMs() + Math.min(ttlMs, KEPT_MS[answer.outcome])
    return answer
  }

  return (name) => {
    const known = kept.get(name)
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.answer
    if (kept.size >= KEYS_KEPT) kept.clear()
    const { promise, resolve, reject } = Promise.withResolvers<KeyLookUp>()
    // Until the answer is there, everybody who asks waits for the same one.
    kept.set(name, { answer: promise, untilMs: Number.POSITIVE_INFINITY })
    lookUp(name).then(resolve, reject)
    return promise
  }
}

function toLookUp(look: Observation<DnsAnswer<readonly string[]>>): KeyLookUp {
  switch (look.outcome) {
    case 'seen':
      return { outcome: 'found', texts: look.value.records }
    case 'absent':
      return { outcome: 'absent' }
    case 'failed':
      return { outcome: 'unknown', detail: look.fault.detail }
    case 'skipped':
      return { outcome: 'unknown', detail: look.because }
  }
}
