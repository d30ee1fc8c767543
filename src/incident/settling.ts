import type { UnixMs } from '../lib/time.ts'
import type { Finding } from '../model/finding.ts'

/**
 * Until when a first sighting may be the picture that caches keep of before a change made as it should be; null for
 * what no cache can feign. Only a sighting from then on confirms it (reliability §12.3).
 */
export function settlesAt({ evidence }: Finding): UnixMs | null {
  return 'recordSettlesAt' in evidence ? evidence.recordSettlesAt : null
}
