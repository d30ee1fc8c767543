import { expect, test } from 'vitest'
import { configOf, desk, domain, lookAt } from '../unit/app/desk.ts'
import { absent, healthy } from '../unit/check/snapshot-builder.ts'

const WATCHED = 'a.example'

/** Reloads to this watch list while the domain is looked at, which shows a missing record. */
async function reloadDuringLook(domains: readonly unknown[]) {
  const it = await desk({ domains: [WATCHED] })
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  it.probe.look = async (name) => {
    begun.resolve()
    await gate.promise
    return lookAt(name, it.clock.now(), healthy({ tlsrptRecord: absent() }))
  }
  const round = it.app.settle(it.never)
  await begun.promise
  await it.app.reload(it.open(configOf({ domains })))
  gate.resolve()
  await it.clock.drive(round)
  return it
}

test('a look that a reload made pointless leaves no incident behind', async () => {
  await using it = await reloadDuringLook(['b.example'])
  expect((await it.live()).filter((line) => line.includes(WATCHED))).toEqual([])
  expect(await it.store.snapshots.lookSummary(domain(WATCHED))).toBeNull()
})

test('a domain that a reload changed is looked at again at once, by its new rules', async () => {
  await using it = await reloadDuringLook([{ name: WATCHED, ignore: ['tlsrpt.record.missing'] }])
  await it.pass(1)
  expect(it.probe.looks).toEqual([WATCHED, WATCHED])
  expect((await it.live()).filter((line) => line.includes('tlsrpt.record.missing'))).toEqual([])
})

test('a reload that leaves the domain as it is disturbs no look', async () => {
  await using it = await reloadDuringLook([WATCHED, 'b.example'])
  expect(it.probe.looks.filter((name) => name === WATCHED)).toHaveLength(1)
  expect(await it.live()).toContain(`suspected tlsrpt.record.missing ${WATCHED}`)
})
