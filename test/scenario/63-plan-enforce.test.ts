import { expect, test } from 'vitest'
import { editDomain } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { DRILL_DOMAIN, drillWorld } from '../../src/lab/drills/drill.ts'
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { mail, newReport, policy, signedBy, tlsReport } from '../contract/report-samples.ts'
import { FollowedPlan } from './follow-plan.ts'
import { both, DAY_MINUTES, publishId, serve, type WorldEdit } from './plan-edits.ts'

const DAY = 86_400
const start = () => serve({ mode: 'testing', maxAgeSeconds: DAY })(drillWorld())
const badHost: WorldEdit = (world) =>
  editDomain(world, DRILL_DOMAIN, (domain) => ({
    ...domain,
    hosts: domain.hosts.map((one) => ({ ...one, certificate: CERTIFICATES.selfSigned })),
  }))

/** A clean report a day of google.com, up to yesterday. */
async function report({ stage }: FollowedPlan, days: number): Promise<void> {
  const today = stage.clock.now() - (stage.clock.now() % DAY_MS)
  const policies = [policy({ policyDomain: DRILL_DOMAIN as DomainName, successfulSessions: 100 })]
  for (let ago = 1; ago <= days; ago++) {
    const startAt = today - ago * DAY_MS
    const one = tlsReport(0, { startAt, endAt: startAt + DAY_MS - 1, reportId: `r${ago}`, policies })
    await stage.running.store.reports.commitMails([
      mail(ago, newReport(one, signedBy('google.com'), { receivedAt: startAt + DAY_MS + HOUR_MS })),
    ])
  }
}

test('a domain goes to mode enforce: file, id, and a longer max_age after the shorter one was tried', async () => {
  await using plan = await FollowedPlan.open(start())
  await report(plan, 10)
  await plan.follow({ kind: 'enforce' })
  expect(plan.heard()).toMatch(
    /✓ 1\. .*→ 2\. Serve the policy in mode enforce.* mode: enforce\n.*· 4\. Raise max_age to 7 days/s,
  )
  await plan.change(serve({ maxAgeSeconds: DAY }))
  await plan.change(publishId('20260202T000000Z'))
  expect(plan.heard()).toMatch(/✓ 2\. .*→ 3\. Publish a new id.*✓ 3\. /s)
  await plan.pass(DAY_MINUTES + 120, 60)
  expect(plan.heard()).toMatch(/→ 4\. Raise max_age to 7 days\n +next: safe now.*max_age: 604800\n/s)
  await plan.change(both(serve({ maxAgeSeconds: 7 * DAY }), publishId('20260303T000000Z')))
  expect(plan.heard()).toMatch(/✓ 4\. /)
  await plan.pass(7 * DAY_MINUTES + 120, 120)
  expect(plan.heard()).toMatch(/→ 5\. Raise max_age to 30 days\n +next: safe now/)
  await plan.change(both(serve({ maxAgeSeconds: 30 * DAY }), publishId('20260404T000000Z')))
  expect(plan.heard()).toMatch(/✓ 5\. .*✓ All steps are done/s)
  expect(plan.status).toBe(0)
}, 120_000)

test('without reports the plan is blocked, and says by what', async () => {
  await using plan = await FollowedPlan.open(start())
  await plan.follow({ kind: 'enforce', watch: false })
  expect(plan.heard()).toMatch(
    /✗ 1\. Know that mode enforce costs no mail\n +blocked by there are too few TLS reports yet/,
  )
  expect(plan.status).toBe(1)
})

test.concurrent.each([
  [
    'enforce while a host cannot be verified',
    both(badHost, serve({ maxAgeSeconds: DAY }), publishId('20260202T000000Z')),
    /Done too early: Serve the policy in mode enforce.*mode: testing/s,
  ],
  ['the id before the file', publishId('20260202T000000Z'), /Done too early: Publish a new id/],
  [
    'a month at once',
    both(serve({ maxAgeSeconds: 30 * DAY }), publishId('20260202T000000Z')),
    /Done too early: Raise max_age to 30 days.*max_age: 604800/s,
  ],
])(
  'too early: %s',
  async (_, edit, told) => {
    await using plan = await FollowedPlan.open(start())
    await report(plan, 10)
    await plan.follow({ kind: 'enforce' })
    expect(plan.heard()).not.toContain('too early')
    await plan.change(edit)
    expect(plan.heard()).toMatch(told)
    expect(await plan.stop()).toBe(1)
  },
  60_000,
)
