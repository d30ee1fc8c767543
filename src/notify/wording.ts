import type { UnixMs } from '../lib/time.ts'
import type { Description } from '../model/description.ts'
import type { Finding } from '../model/finding.ts'

/** How this installation speaks: findings in words, instants in its time zone. Plain text throughout. */
export interface Wording {
  /** Nothing of it is real: every message says so. */
  readonly isDrill: boolean
  describe(finding: Finding): Description
  /** "2026-11-23 14:05 UTC" */
  instant(at: UnixMs): string
  /** "3 days" */
  duration(ms: number): string
}
