import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { editDomain, editHost } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { DRILL_DOMAIN, drillWorld } from '../../src/lab/drills/drill.ts'
import type { LabRecord, World } from '../../src/lab/world.ts'
import { sha256 } from '../../src/lib/sha256.ts'
import { FollowedPlan } from './follow-plan.ts'
import { both, MX, type WorldEdit } from './plan-edits.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stswatch-roll-'))
})
afterAll(() => rm(directory, { recursive: true }))

const start = (): World => editDomain(drillWorld(), DRILL_DOMAIN, { secure: true })
const install: WorldEdit = (world) => editHost(world, MX, { certificate: CERTIFICATES.rsa })

function publish(...keys: readonly string[]): WorldEdit {
  return (world) => ({ ...world, records: keys.map(record) })
}

function record(data: string): LabRecord {
  const rdata = { usage: 3, selector: 1, matching: 1, data }
  return { name: `_25._tcp.${MX}`, ttlSeconds: 3_600, type: 'TLSA', ...rdata }
}

/** A monitor of a host whose TLSA record fits, and the file with the certificate to come. */
async function prepared() {
  const plan = await FollowedPlan.open(start())
  const [old, next] = await Promise.all(
    [CERTIFICATES.good, CERTIFICATES.rsa].map(
      async (spec) => (await plan.stage.lab.identity(spec, MX)).certPem,
    ),
  )
  const [oldKey, nextKey] = [old, next].map((pem = '') =>
    sha256(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })),
  )
  if (next === undefined || oldKey === undefined || nextKey === undefined) throw new Error('no certificate')
  const nextCert = join(directory, `${nextKey}.pem`)
  await writeFile(nextCert, next)
  await plan.change(publish(oldKey))
  await plan.follow({ kind: 'roll-tlsa', host: MX, nextCert })
  return { plan, oldKey, nextKey }
}

test('a key is rolled: the record beside the old one, twice the TTL, the key, and then the old record goes', async () => {
  const { plan, oldKey, nextKey } = await prepared()
  await using _ = plan
  expect(plan.heard()).toContain(`_25._tcp.${MX}. IN TLSA 3 1 1 ${nextKey}`)
  await plan.change(publish(oldKey, nextKey))
  await plan.pass(180, 30)
  expect(plan.heard()).toMatch(/✓ 1\. Publish a record.*→ 2\. Install the next key at every address/s)
  await plan.change(install)
  await plan.pass(180, 30)
  expect(plan.heard()).toMatch(/✓ 2\. .*→ 3\. Take the old record away/s)
  await plan.change(publish(nextKey))
  expect(plan.heard()).toMatch(/✓ 3\. .*✓ All steps are done/s)
  expect(plan.status).toBe(0)
}, 60_000)

test.concurrent.each<[string, (old: string, next: string) => WorldEdit, RegExp]>([
  [
    'the key before the record',
    () => install,
    /Done too early: Install the next key.*Put the old key and certificate back/s,
  ],
  [
    'the key while caches have the old records',
    (old, next) => both(publish(old, next), install),
    /Done too early: Install the next key.*Until 20/s,
  ],
  [
    'the old record before the key',
    (_, next) => publish(next),
    /Done too early: Take the old record away.*TLSA 3 1 1/s,
  ],
])(
  'too early: %s',
  async (_, edit, told) => {
    const { plan, oldKey, nextKey } = await prepared()
    await using _plan = plan
    expect(plan.heard()).not.toContain('too early')
    await plan.change(edit(oldKey, nextKey))
    expect(plan.heard()).toMatch(told)
    expect(await plan.stop()).toBe(1)
  },
  60_000,
)
