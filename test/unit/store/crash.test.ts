import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { at, DOMAIN, SLACK } from '../../contract/store-samples.ts'
import { remainingLines, startChild } from './child.ts'
import { OPTIONS, scratch } from './scratch.ts'

function integrity(file: string): unknown {
  using connection = new DatabaseSync(file)
  return connection
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => row.integrity_check)
}

test('no acknowledged commit is lost by kill -9, and an incident and its notification are both there or neither', async () => {
  await using place = await scratch()
  let from = 0
  for (let round = 0; round < 6; round++) {
    await using child = startChild('writer.ts', place.file, DOMAIN, String(from))
    let last = from
    for (let n = 0; n < 3 + round * 7; n++) last = Number((await child.lines.next()).value)
    child.kill('SIGKILL')
    last = Number((await remainingLines(child)).at(-1) ?? last)
    expect(await child.ended).toBe('SIGKILL')
    await using store = await openStore(place.file, OPTIONS)
    const incidents = (await store.incidents.live()).map((one) => one.id)
    const announced = (await store.outbox.pending(10_000)).map((row) => row.notification.id)
    expect(incidents.slice(0, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, n) => `${DOMAIN}-${n}`))
    expect(announced).toEqual(incidents)
    expect((await store.snapshots.lookSummary(DOMAIN))?.looks).toBe(incidents.length)
    expect(incidents.length - 1 - last).toBeLessThanOrEqual(1)
    from = incidents.length
  }
  expect(integrity(place.file)).toEqual(['ok'])
})

const NOTHING = { live: 0, looks: null, rows: [] }
const committed = (states: readonly string[]) => ({ live: 1, looks: { looks: 1 }, rows: states })

test.each([
  ['before the transition', NOTHING, null],
  ['between incident and outbox', NOTHING, null],
  ['between two outbox rows', NOTHING, null],
  ['after the commit', committed(['pending', 'pending']), { attempt: 1, ambiguous: false, payload: null }],
  ['after the claim', committed(['ambiguous', 'ambiguous']), { attempt: 2, ambiguous: true, payload: null }],
  [
    'after the freeze',
    committed(['ambiguous', 'ambiguous']),
    { attempt: 2, ambiguous: true, payload: 'the message' },
  ],
  ['after the settlement', committed(['sent', 'merged']), null],
])('killed %s, the next start finds all of it or nothing', async (point, expected, nextClaim) => {
  await using place = await scratch()
  await using child = startChild('failpoint.ts', place.file, point)
  expect(await child.ended).toBe('SIGKILL')
  await using store = await openStore(place.file, OPTIONS)
  await store.outbox.recover(at(0))
  const live = await store.incidents.live()
  const rows = await Promise.all(live.map((one) => store.outbox.ofIncident(one.id)))
  expect({
    live: live.length,
    looks: await store.snapshots.lookSummary(DOMAIN),
    rows: rows.flat().map((row) => row.state),
  }).toMatchObject(expected)
  const claim = await store.outbox.claim(SLACK, at(0), 1_000, null)
  if (nextClaim === null) expect(claim).toBeNull()
  else expect(claim).toMatchObject(nextClaim)
})

test('two processes write to one file without an error', async () => {
  await using place = await scratch()
  await using first = startChild('writer.ts', place.file, 'a.example', '0', '60')
  await using second = startChild('writer.ts', place.file, 'b.example', '0', '60')
  const lines = await Promise.all([remainingLines(first), remainingLines(second)])
  expect(lines.map((all) => all.length)).toEqual([60, 60])
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0])
  await using store = await openStore(place.file, OPTIONS)
  for (const domain of ['a.example', 'b.example'] as DomainName[]) {
    expect((await store.snapshots.lookSummary(domain))?.looks).toBe(60)
  }
  expect(await store.outbox.pending(1_000)).toHaveLength(120)
})
