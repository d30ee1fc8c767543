import { expect, test } from 'vitest'
import { editDomain, policy } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { DRILL_DOMAIN, drillWorld } from '../../src/lab/drills/drill.ts'
import type { World } from '../../src/lab/world.ts'
import { FollowedPlan } from './follow-plan.ts'
import { both, MX, publishId, serve, type WorldEdit } from './plan-edits.ts'

const start = (): World =>
  editDomain(drillWorld(), DRILL_DOMAIN, { stsRecord: [], tlsrptRecord: [], policy: null })
const reports: WorldEdit = (world) =>
  editDomain(world, DRILL_DOMAIN, { tlsrptRecord: [`v=TLSRPTv1; rua=mailto:tls-reports@${DRILL_DOMAIN}`] })
const host =
  (body: string): WorldEdit =>
  (world) =>
    editDomain(world, DRILL_DOMAIN, { policy: { ...policy(DRILL_DOMAIN, {}), body } })
const badHost: WorldEdit = (world) =>
  editDomain(world, DRILL_DOMAIN, (domain) => ({
    ...domain,
    hosts: domain.hosts.map((one) => ({ ...one, certificate: CERTIFICATES.selfSigned })),
  }))

test('MTA-STS is published: reports, host, policy in mode testing, then the record', async () => {
  await using plan = await FollowedPlan.open(start())
  await plan.follow({ kind: 'publish' })
  expect(plan.heard()).toMatch(
    /→ 1\. Ask senders for TLS reports.*rua=mailto:tls-reports@example\.com.*✓ 2\. .* mode: testing\n +mx: mx1\.example\.com\n/s,
  )
  await plan.change(reports)
  await plan.change(host(''))
  expect(plan.heard()).toMatch(/✓ 1\. .*→ 3\. Give mta-sts\.example\.com.*✓ 3\. .*→ 4\. Serve the policy/s)
  await plan.change(serve({ mode: 'testing', mx: [MX], maxAgeSeconds: 86_400 }))
  await plan.change(publishId('20260202T000000Z'))
  expect(plan.heard()).toMatch(/✓ 4\. .*→ 5\. Publish the record.*✓ 5\. .*✓ All steps are done/s)
  expect(plan.status).toBe(0)
}, 60_000)

test('a host that cannot be verified blocks the plan, and does so by name', async () => {
  await using plan = await FollowedPlan.open(both(reports, badHost)(start()))
  await plan.follow({ kind: 'publish', watch: false })
  expect(plan.heard()).toMatch(/✗ 2\. See that.*blocked by mx\.certificate\.untrusted \(mx1\.example\.com\)/s)
  expect(plan.status).toBe(1)
}, 60_000)

test.concurrent.each([
  [
    'the record before the policy',
    publishId('20260202T000000Z'),
    /Done too early: Publish the record.*sts-policy-fetch-error/s,
  ],
  [
    'mode enforce with a host that cannot be verified',
    both(badHost, host(''), serve({ mode: 'enforce' })),
    /Done too early: Serve the policy.*mode: testing/s,
  ],
])(
  'too early: %s',
  async (_, edit, told) => {
    await using plan = await FollowedPlan.open(reports(start()))
    await plan.follow({ kind: 'publish' })
    expect(plan.heard()).not.toContain('too early')
    await plan.change(edit)
    expect(plan.heard()).toMatch(told)
    expect(await plan.stop()).toBe(1)
  },
  60_000,
)
