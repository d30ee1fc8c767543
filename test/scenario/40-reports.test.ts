import { expect, test } from 'vitest'
import { healthyDomain, mailHost, policy } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { withHost } from '../../src/lab/drills/drill.ts'
import type { World } from '../../src/lab/world.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import { mailboxEnv, Sender } from './senders.ts'
import { Stage, worldOf } from './stage.ts'

const MX2 = 'mx2.example.com'
const WATCH = { mailbox: { check: '*/5 * * * *', idle: false } }

function worldWith(senders: readonly Sender[]): World {
  const mx = ['mx1.example.com', MX2]
  const domain = healthyDomain('example.com', {
    mx: mx.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })),
    hosts: mx.map((name) => mailHost(name)),
    policy: policy('example.com', { mx }),
  })
  return worldOf([domain], {
    records: senders.map(({ record }) => record),
    zones: senders.map(({ zone }) => zone),
  })
}

/** Midnight of the newest day that can be reported. */
function yesterday({ clock }: Stage): number {
  return clock.now() - (clock.now() % DAY_MS) - DAY_MS
}

test.concurrent('what a sender reports and our own look sees is one incident, with both in one message', async () => {
  const google = new Sender('google.com')
  await using stage = await Stage.open(worldWith([google]), { watch: WATCH, env: mailboxEnv })
  stage.lab.imap.arrive(google.mail({ dayAt: yesterday(stage), failed: 40, successful: 60, mx: MX2 }))
  await stage.pass(20)
  expect(await stage.openIncidents()).toEqual([])
  stage.change(withHost(MX2, { certificate: CERTIFICATES.expired }))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([`mx.certificate.expired example.com ${MX2}`])
  const [thread, ...others] = stage.slackRoots()
  expect(others).toEqual([])
  expect(thread).toContain('has expired')
  expect(thread).toMatch(/Senders report it too: google\.com 40 of 100 sessions/)

  stage.change(withHost(MX2, { certificate: CERTIFICATES.good }))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['critical', 'resolved'])
})

test.concurrent('a report that comes after the alert joins its evidence without another message', async () => {
  const google = new Sender('google.com')
  await using stage = await Stage.open(worldWith([google]), { watch: WATCH, env: mailboxEnv })
  await stage.pass(20)
  stage.change(withHost(MX2, { certificate: CERTIFICATES.expired }))
  await stage.pass(30)
  stage.lab.imap.arrive(google.mail({ dayAt: yesterday(stage), failed: 40, successful: 60, mx: MX2 }))
  await stage.pass(30)
  expect(stage.mailLabels()).toEqual(['critical'])
  const [incident] = await stage.running.store.incidents.live()
  expect(incident?.latest.reported).toMatchObject([
    { resultType: 'certificate-expired', ownView: 'confirmed' },
  ])
  stage.change(withHost(MX2, { certificate: CERTIFICATES.good }))
  await stage.pass(30)
  expect(stage.slackRoots().join()).toMatch(/Senders report it too: google\.com 40 of 100 sessions/)
})

test.concurrent('what only an unknown sender claims is said to nobody, signed or not', async () => {
  const stranger = new Sender('stranger.example')
  const forger = new Sender('google.com')
  await using stage = await Stage.open(worldWith([stranger]), { watch: WATCH, env: mailboxEnv })
  await stage.pass(20)
  stage.lab.imap.arrive(stranger.mail({ dayAt: yesterday(stage), failed: 4_000_000, successful: 0, mx: MX2 }))
  stage.lab.imap.arrive(
    forger.unsigned({ dayAt: yesterday(stage), failed: 4_000_000, successful: 0, mx: MX2 }),
  )
  await stage.pass(90)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.slackThreads()).toEqual([])
  const { reports } = stage.running.store
  expect(await reports.mailClasses(0)).toEqual(
    new Map([
      ['accepted', 1],
      ['quarantined', 1],
    ]),
  )
  const [aside] = await reports.list(
    { domain: null, sender: null, standing: 'quarantined', sinceDayAt: null, failuresOnly: false },
    10,
  )
  expect(aside?.authenticity).toMatchObject({
    trust: 'unverified',
    because: 'unsigned',
    claimed: 'google.com',
  })
})

test.concurrent('two known senders with the same failure are told although our own look is fine', async () => {
  const senders = [new Sender('google.com'), new Sender('microsoft.com')]
  await using stage = await Stage.open(worldWith(senders), { watch: WATCH, env: mailboxEnv })
  await stage.pass(20)
  for (const sender of senders) {
    stage.lab.imap.arrive(sender.mail({ dayAt: yesterday(stage), failed: 60, successful: 40, mx: MX2 }))
  }
  await stage.pass(30)
  expect(await stage.openIncidents()).toEqual([
    expect.stringMatching(/^tlsrpt\.reported\.failures example\.com .*mx2\.example\.com/),
  ])
  expect(stage.slackRoots()).toHaveLength(1)
  expect(stage.slackRoots()[0]).toContain('microsoft.com')
  expect(stage.slackRoots()[0]).toContain('google.com')
})
