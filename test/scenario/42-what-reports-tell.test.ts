import { expect, test } from 'vitest'
import { editDomain, healthyDomain, policy, policyText } from '../../src/lab/build-world.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts'
import { type Claim, mailboxEnv, Sender } from './senders.ts'
import { Stage, worldOf } from './stage.ts'

const MX = 'mx1.example.com'
const QUIET = ['mta-sts.policy.max-age-short']
const WATCH = {
  defaults: { check: '30 4,16 * * *', ignore: QUIET },
  mailbox: { check: '15 4 * * *', idle: false },
}

async function openStage(senders: readonly Sender[]): Promise<Stage> {
  const world = worldOf([healthyDomain('example.com')], {
    records: senders.map(({ record }) => record),
    zones: senders.map(({ zone }) => zone),
  })
  return Stage.open(world, { watch: WATCH, env: mailboxEnv })
}

/** Whole days, two hours at a time; at four in the morning each sender reports on the day before. */
async function passDays(
  stage: Stage,
  days: number,
  report: (dayAt: number) => readonly Buffer[],
): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await stage.pass((4 * HOUR_MS) / MINUTE_MS, 120)
    const today = stage.clock.now() - (stage.clock.now() % DAY_MS)
    for (const mail of report(today - DAY_MS)) stage.lab.imap.arrive(mail)
    await stage.pass((20 * HOUR_MS) / MINUTE_MS, 120)
  }
}

const said = (sender: Sender, dayAt: number, claim: Partial<Claim> = {}) =>
  sender.mail({ dayAt, mx: MX, ...claim })

test.concurrent('an address that the host never had is told once', async () => {
  const google = new Sender('google.com')
  await using stage = await openStage([google])
  await passDays(stage, 5, (dayAt) => [said(google, dayAt)])
  expect(stage.slackThreads()).toEqual([])
  const strange = {
    failed: 40,
    successful: 60,
    resultType: 'certificate-host-mismatch',
    receivingIp: '8.8.8.8',
  }
  await passDays(stage, 1, (dayAt) => [said(google, dayAt, strange)])
  expect(await stage.openIncidents()).toEqual([`tlsrpt.reported.unknown-address example.com ${MX} 8.8.8.8`])
  expect(stage.slackRoots().join('\n')).toMatch(/8\.8\.8\.8.*none of its addresses/)
  expect(stage.slackThreads()).toHaveLength(1)
})

test.concurrent('a policy text that was replaced and has run out, and is applied all the same, is told', async () => {
  const google = new Sender('google.com')
  await using stage = await openStage([google])
  const short = { mx: [MX], maxAgeSeconds: 86_400 }
  const publish = (id: string, fields: Parameters<typeof policy>[1]) =>
    stage.change((world) =>
      editDomain(world, 'example.com', {
        stsRecord: [`v=STSv1; id=${id};`],
        policy: policy('example.com', fields),
      }),
    )
  publish('1', { ...short, mode: 'testing' })
  await passDays(stage, 2, (dayAt) => [said(google, dayAt)])
  publish('2', { ...short, mode: 'enforce' })
  await passDays(stage, 3, (dayAt) => [said(google, dayAt)])
  const before = stage.slackThreads().length
  const lines = policyText({ ...short, mode: 'testing' })
    .trim()
    .split('\r\n')
  await passDays(stage, 1, (dayAt) => [said(google, dayAt, { policyString: lines })])
  expect(await stage.openIncidents()).toEqual([
    expect.stringMatching(/^tlsrpt\.reported\.outdated-policy example\.com/),
  ])
  expect(stage.slackThreads()).toHaveLength(before + 1)
  expect(stage.slackRoots().at(-1)).toContain('google.com')
})

test.concurrent('a sender that reported every day and falls silent is told, and its return', {
  timeout: 120_000,
}, async () => {
  const senders = [new Sender('google.com'), new Sender('microsoft.com')] as const
  const [google, microsoft] = senders
  await using stage = await openStage(senders)
  await passDays(stage, 18, (dayAt) => [said(google, dayAt), said(microsoft, dayAt)])
  expect(stage.slackThreads()).toEqual([])
  await passDays(stage, 5, (dayAt) => [said(microsoft, dayAt)])
  expect(await stage.openIncidents()).toEqual(['tlsrpt.reporter.silent example.com google.com'])
  expect(stage.slackThreads()).toHaveLength(1)
  await passDays(stage, 2, (dayAt) => [said(google, dayAt), said(microsoft, dayAt)])
  expect(await stage.openIncidents()).toEqual([])
})
