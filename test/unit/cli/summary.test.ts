import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { commit, incident, OPEN, snapshot, T0, transition } from '../../contract/store-samples.ts'
import { OPTIONS } from '../store/scratch.ts'
import { type Workshop, workshop } from './child-cli.ts'

/** a.example is well, b.example has an open incident. */
async function remembering(place: Workshop): Promise<void> {
  await using store = await openStore(join(place.directory, 'data/stswatch.db'), OPTIONS)
  const domain = 'b.example' as DomainName
  await store.commitCheck(commit(snapshot(T0, { domain: 'a.example' as DomainName })))
  const transitions = [transition('opened', incident('one', OPEN, { domain }))]
  await store.commitCheck(commit(snapshot(T0, { domain }), { transitions }))
}

test('without a database there is nothing to tell', async () => {
  await using place = await workshop()
  expect(await place.run(['summary'])).toMatchObject({ status: 66, out: '' })
})

test('a week that there is not is refused', async () => {
  await using place = await workshop()
  const ended = await place.run(['summary', '--week', '2025-W53'])
  expect(ended).toMatchObject({ status: 2, out: '' })
  expect(ended.err).toContain('--week 2025-W53: write a week that there is, like 2026-W47')
})

test('the text, the facts and the page of a week; the status says whether something needs hands', async () => {
  await using place = await workshop(['a.example', 'b.example'])
  await remembering(place)
  const text = await place.run(['summary', '--week', '2026-W48'])
  expect(text).toMatchObject({ status: 1 })
  expect(text.out).toMatch(/^1 of 2 domains needs hands\.\n\nWeek 2026-W48, 2026-11-23 to 2026-11-29\n/)
  expect(text.out).toContain('1 incident opened, 0 were resolved, 1 is still open.')
  expect(text.out).not.toContain('Nobody reads answers')

  const facts = await place.run(['summary', '--week', '2026-W48', '--json'])
  expect(JSON.parse(facts.out)).toMatchObject({
    period: { name: '2026-W48' },
    domains: [{ domain: 'b.example' }, { domain: 'a.example' }],
  })

  const page = await place.run(['summary', '--week', '2026-W48', '--html', 'week.html'])
  expect(page).toMatchObject({ status: 0, out: '' })
  const file = join(place.directory, 'week.html')
  expect(await readFile(file, 'utf8')).toContain('src="data:image/png;base64,')
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const nowhere = await place.run(['summary', '--html', 'no/such/directory/week.html'])
  expect(nowhere).toMatchObject({ status: 1, out: '' })
  expect(nowhere.err).toContain('cannot be written')
})

test('nobody to send it to', async () => {
  await using place = await workshop()
  await remembering(place)
  const ended = await place.run(['summary', '--send'])
  expect(ended.status).toBe(78)
  expect(ended.err).toContain('has no `summary:` section')
})

test('sent by a monitor that runs, each time it is asked for', async () => {
  await using place = await workshop()
  await place.write(
    JSON.stringify({ domains: ['a.example'], resolvers: [`127.0.0.1:${place.deadPort}`], summary: {} }),
  )
  await using monitor = place.start(['run'])
  await monitor.saying('"event":"start"')
  const ended = await place.run(['summary', '--send', '--week', '2026-W47'])
  expect(ended).toMatchObject({ status: 0, out: 'queued for console: console\n' })
  await monitor.printing('stswatch, week 2026-W47: ')
  await place.run(['summary', '--send', '--week', '2026-W46'])
  await monitor.printing('stswatch, week 2026-W46: ')
})
