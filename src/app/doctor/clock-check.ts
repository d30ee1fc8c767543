import { durationText } from '../../announce/text-time.ts'
import { clockSkewMs } from '../../check/self.ts'
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts'
import { bad, type DoctorCheck, good, warning } from './doctor-line.ts'

const TOPIC = 'clock and HTTPS'
/** R35. */
const SKEW_LIMIT_MS = 2 * MINUTE_MS

/** The clock against the Date headers of the HTTPS canaries; that they answer shows that port 443 is open. */
export const CLOCK_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 40 * SECOND_MS,
  async run({ config, probe, clock }, signal) {
    const looks = await Promise.all(
      config.canaries.https.map(async (name) => {
        const look = await probe.canary('https', name, signal)
        return { name, look, skewMs: skewOf(look, clock.now()) }
      }),
    )
    if (looks.every(({ look }) => look.outcome !== 'seen')) {
      return [
        bad(
          TOPIC,
          `none of ${looks.map(({ name }) => name).join(', ')} answers on port 443`,
          'Open port 443 outwards: without it no policy can be fetched.',
        ),
      ]
    }
    const skews = looks.flatMap(({ name, skewMs }) => (skewMs === null ? [] : [{ source: name, skewMs }]))
    // Two agree by their median; one alone is better than nobody here, where a person reads it.
    const skewMs = clockSkewMs(skews) ?? skews[0]?.skewMs ?? null
    if (skewMs === null) return [warning(TOPIC, 'HTTPS works, but nobody told the time')]
    const from = skews.map(({ source }) => source).join(', ')
    if (Math.abs(skewMs) <= SKEW_LIMIT_MS) return [good(TOPIC, `right, by ${from}`)]
    return [
      bad(
        TOPIC,
        `${durationText(Math.abs(skewMs))} ${skewMs > 0 ? 'fast' : 'slow'}, by ${from}`,
        'Switch time synchronisation on: timedatectl set-ntp true',
      ),
    ]
  },
}

function skewOf(
  look: { readonly outcome: string; readonly value?: number | null },
  now: number,
): number | null {
  return look.outcome === 'seen' && look.value !== null && look.value !== undefined ? now - look.value : null
}
