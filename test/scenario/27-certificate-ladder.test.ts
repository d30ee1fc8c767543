import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { certificate, expiringIn } from '../../src/lab/certificate-spec.ts'
import { withHost } from '../../src/lab/drills/drill.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import { Stage, worldOf } from './stage.ts'

const HOSTS = ['mx1.example.com', 'mta-sts.example.com']

test.concurrent.each(HOSTS)(
  '%s: told at 21, 7, 3 and 1 days and at the end, each once, and resolved',
  async (host) => {
    const watch = { defaults: { check: '0 */6 * * *' } }
    const world = worldOf([healthyDomain('example.com')])
    await using stage = await Stage.open(withHost(host, { certificate: expiringIn(22) })(world), { watch })
    const endsAt = stage.clock.now() + 22 * DAY_MS
    // Up to three hours after the end: the first reminder of it comes after four (R71).
    await stage.pass((22 * 24 + 3) * 60, 60)
    const daysLeft = stage.slackTimes().map((at) => Math.ceil((endsAt - at) / DAY_MS) + 0)
    expect(daysLeft).toEqual([21, 7, 3, 1, 0])
    expect(stage.slackThreads()).toHaveLength(1)
    expect(stage.slackThreads()[0]).toContain('has expired')
    expect(stage.mailLabels()).toEqual(['warning', 'warning', 'critical', 'critical', 'critical'])

    stage.change(withHost(host, { certificate: certificate({ validFromDays: -1, validToDays: 200 }) }))
    await stage.pass(24 * 60, 60)
    expect(await stage.openIncidents()).toEqual([])
    expect(stage.slackThreads()[0]).toMatch(/^🟢/)
    expect(stage.mailLabels().filter((label) => label === 'resolved')).toHaveLength(1)
  },
)
