import { expect, test } from 'vitest'
import { editDomain, editHost } from '../../src/lab/build-world.ts'
import { DRILL_DOMAIN, drillWorld } from '../../src/lab/drills/drill.ts'
import { FollowedPlan } from './follow-plan.ts'
import { both, DAY_MINUTES, publishId, serve, type WorldEdit } from './plan-edits.ts'

const start = () => serve({ maxAgeSeconds: 2 * 86_400 })(drillWorld())
const none = serve({ mode: 'none', maxAgeSeconds: 86_400 })
const noRecord: WorldEdit = (world) => editDomain(world, DRILL_DOMAIN, { stsRecord: [] })
const noFile: WorldEdit = (world) => editHost(world, `mta-sts.${DRILL_DOMAIN}`, { addresses: [] })

test('MTA-STS is retired: mode none, new id, the wait for every copy, then record and file', async () => {
  await using plan = await FollowedPlan.open(start())
  await plan.follow({ kind: 'retire' })
  expect(plan.heard()).toMatch(
    /→ 1\. Serve a policy in mode none.* mode: none\n.*max_age: 86400\n.*after step 2, not before 20/s,
  )
  await plan.change(none)
  await plan.change(publishId('20260202T000000Z'))
  expect(plan.heard()).toMatch(/✓ 1\. .*→ 2\. .*✓ 2\. /s)
  await plan.pass(2 * DAY_MINUTES + 120, 60)
  expect(plan.heard()).toMatch(/→ 3\. Take the record away\n +next: safe now/)
  await plan.change(noRecord)
  await plan.pass(120, 30)
  expect(plan.heard()).toMatch(/✓ 3\. Take the record away.*→ 4\. Take the policy and its host away/s)
  await plan.change(noFile)
  expect(plan.heard()).toMatch(/✓ 4\. .*✓ All steps are done/s)
  expect(plan.status).toBe(0)
}, 120_000)

test.concurrent.each([
  [
    'the record at once',
    noRecord,
    /Done too early: Take the record away.*cannot learn any more.*mode: none.*_mta-sts\.example\.com\. TXT/s,
  ],
  [
    'the record while copies live',
    both(none, publishId('20260202T000000Z'), noRecord),
    /Done too early: Take the record away.*Until 20/s,
  ],
  ['the file at once', noFile, /Done too early: Take the policy and its host away/],
  ['the id before the file', publishId('20260202T000000Z'), /Done too early: Publish a new id/],
])(
  'too early: %s',
  async (_, edit, told) => {
    await using plan = await FollowedPlan.open(start())
    await plan.follow({ kind: 'retire' })
    expect(plan.heard()).not.toContain('too early')
    await plan.change(edit)
    expect(plan.heard()).toMatch(told)
    expect(await plan.stop()).toBe(1)
  },
  60_000,
)
