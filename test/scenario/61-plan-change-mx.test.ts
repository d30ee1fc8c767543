import { expect, test } from 'vitest'
import { mailHost } from '../../src/lab/build-world.ts'
import { drillWorld } from '../../src/lab/drills/drill.ts'
import { FollowedPlan } from './follow-plan.ts'
import { both, DAY_MINUTES, MX, NEW_MX, pointMx, publishId, serve } from './plan-edits.ts'

const DAY_POLICY = { maxAgeSeconds: 86_400 }

function world() {
  const { hosts, ...rest } = drillWorld()
  return serve(DAY_POLICY)({ ...rest, hosts: [...hosts, mailHost(NEW_MX)] })
}

const FOLLOWED = { kind: 'change-mx', newHosts: [NEW_MX] } as const

test('the MX hosts are changed in the right order: each step is told when it is safe, and nothing is found', async () => {
  await using plan = await FollowedPlan.open(world())
  await plan.follow(FOLLOWED)
  expect(plan.heard()).toMatch(/✓ 1\. Make mx2\.example\.com ready\n.*→ 2\. Serve a policy that covers/s)
  await plan.change(serve({ ...DAY_POLICY, mx: [MX, NEW_MX] }))
  expect(plan.heard()).toMatch(/✓ 2\. Serve.*→ 3\. Publish a new id/s)
  await plan.change(publishId('20260202T000000Z'))
  expect(plan.heard()).toMatch(/✓ 3\. Publish a new id/)
  await plan.pass(DAY_MINUTES + 120, 60)
  expect(plan.heard()).toMatch(/→ 4\. Change the MX records to mx2\.example\.com\n +next: safe now/)
  await plan.change(pointMx(NEW_MX))
  expect(plan.heard()).toMatch(/✓ 4\. Change/)
  await plan.pass(5 * DAY_MINUTES + 120, 120)
  expect(plan.heard()).toMatch(/→ 5\. Serve a policy that covers the new hosts alone/)
  await plan.change(serve({ ...DAY_POLICY, mx: [NEW_MX] }))
  await plan.change(publishId('20260303T000000Z'))
  expect(plan.heard()).toMatch(/✓ 5\. .*✓ 6\. .*✓ 7\. Switch off mx1\.example\.com.*✓ All steps are done/s)
  expect(plan.status).toBe(0)
}, 120_000)

test.concurrent.each([
  [
    'the MX record before the policy',
    pointMx(NEW_MX),
    /Done too early: Change the MX records.*Put the old MX records back.*MX 10 mx1\.example\.com\./s,
  ],
  [
    'the MX record while copies without the new host live',
    both(serve({ ...DAY_POLICY, mx: [MX, NEW_MX] }), publishId('20260202T000000Z'), pointMx(NEW_MX)),
    /Done too early: Change the MX records.*do not deliver\s+there;.*Until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\..*MX 10 mx1\.example\.com\./s,
  ],
  ['the new host beside the old one', pointMx(MX, NEW_MX), /Done too early: Change the MX records/],
  [
    'the id before the policy',
    publishId('20260202T000000Z'),
    /Done too early: Publish a new id.*fetched the text of before/s,
  ],
  [
    'the policy without the old host',
    serve({ ...DAY_POLICY, mx: [NEW_MX] }),
    /Done too early: Serve a policy that covers the new hosts alone.*mx: mx1\.example\.com/s,
  ],
])(
  'too early: %s',
  async (_, edit, told) => {
    await using plan = await FollowedPlan.open(world())
    await plan.follow(FOLLOWED)
    expect(plan.heard()).not.toContain('too early')
    await plan.change(edit)
    expect(plan.heard()).toMatch(told)
    expect(await plan.stop()).toBe(1)
  },
  60_000,
)

test('a channel hears of what came too early, with the way back, and of what is safe next', async () => {
  await using plan = await FollowedPlan.open(world())
  await plan.follow({ ...FOLLOWED, channel: 'postmaster' })
  await plan.change(serve({ ...DAY_POLICY, mx: [MX, NEW_MX] }))
  await plan.change(pointMx(NEW_MX))
  const told = plan.stage.mailTexts().filter((mail) => mail.startsWith('[plan]'))
  expect(told.map((mail) => mail.split('\n')[0])).toEqual([
    '[plan] example.com: Step done: Serve a policy that covers the old and the new hosts',
    '[plan] example.com: Safe now: Publish a new id, so that senders fetch it',
    '[plan] example.com: Done too early: Change the MX records to mx2.example.com',
    '[plan] example.com: Step done: Change the MX records to mx2.example.com',
  ])
  expect(told[2]).toContain('example.com. MX 10 mx1.example.com.')
  expect(await plan.stop()).toBe(1)
}, 60_000)
