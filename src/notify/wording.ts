import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import type { Clock, UnixMs } from '../lib/time.ts'
import type { Description } from '../model/description.ts'
import type { Finding } from '../model/finding.ts'

/** How this installation speaks: findings in words, instants in its time zone. Plain text throughout. */
export interface Wording {
  describe(finding: Finding): Description
  /** "2026-11-23 14:05 UTC" */
  instant(at: UnixMs): string
  /** "3 days" */
  duration(ms: number): string
}

/** The words of this program, told in an IANA zone; "now" is when they are asked for. */
export function wordingIn(timezone: string, clock: Clock): Wording {
  return {
    describe: (finding) => describe(finding, { timezone, now: clock.now() }),
    instant: (at) => instantText(at, timezone),
    duration: durationText,
  }
}
