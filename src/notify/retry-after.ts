import { SECOND_MS } from '../lib/time.ts'

/** Longest that we keep away for the asking; the alert is copied elsewhere meanwhile (R59, R63). */
const LONGEST_SECONDS = 900
/** So that we never come a moment too early. */
const MARGIN_MS = SECOND_MS

/** How long to stay away after a 429: whole seconds as asked; 15 minutes when more, unreadable or not said (R63). */
export function rateLimitMs(retryAfter: string | null): number {
  const asked =
    retryAfter !== null && /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) : LONGEST_SECONDS
  return Math.min(asked, LONGEST_SECONDS) * SECOND_MS + MARGIN_MS
}
