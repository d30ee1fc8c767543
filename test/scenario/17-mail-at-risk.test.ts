import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { withHost } from '../../src/lab/drills/drill.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts'
import { mailboxEnv, Sender } from './senders.ts'
import { Stage, worldOf } from './stage.ts'

const WATCH = {
  defaults: { check: '30 4,16 * * *', ignore: ['mta-sts.policy.max-age-short'] },
  mailbox: { check: '15 4 * * *', idle: false },
}

test('the alert of a broken MX host says which share of the reported sessions rests on it, by Slack and by mail', async () => {
  const enforcing = new Sender('google.com')
  const testing = new Sender('microsoft.com')
  const senders = [enforcing, testing]
  const world = worldOf([healthyDomain('example.com')], {
    records: senders.map(({ record }) => record),
    zones: senders.map(({ zone }) => zone),
  })
  await using stage = await Stage.open(world, { watch: WATCH, env: mailboxEnv })
  const days = 4
  for (let day = 0; day < days; day += 1) {
    await stage.pass((4 * HOUR_MS) / MINUTE_MS, 120)
    const dayAt = stage.clock.now() - (stage.clock.now() % DAY_MS) - DAY_MS
    stage.lab.imap.arrive(enforcing.mail({ dayAt, successful: 600, policyString: ['mode: enforce'] }))
    stage.lab.imap.arrive(testing.mail({ dayAt, successful: 400, policyString: ['mode: testing'] }))
    await stage.pass((20 * HOUR_MS) / MINUTE_MS, 120)
  }
  expect(stage.slackThreads()).toEqual([])

  stage.change(withHost('mx1.example.com', { certificate: CERTIFICATES.expired }))
  await stage.pass(6 * 60, 30)
  expect(await stage.openIncidents()).toEqual(['mx.certificate.expired example.com mx1.example.com'])
  const share =
    /About 60 % of reported sessions \(google\.com; some 4,000 sessions from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\) would be deferred/
  expect(stage.slackRoots().join('\n')).toMatch(share)
  expect(stage.mailTexts().map((mail) => mail.replace(/\s+/g, ' '))).toEqual([expect.stringMatching(share)])
  const [incident] = await stage.running.store.incidents.live()
  expect(incident?.latest.atRisk).toMatchObject({ effect: 'defer', days, sessions: 4_000, atRisk: 2_400 })
})
