import { expect, test } from 'vitest'
import type { Incident } from '../../../src/model/incident.ts'
import { workshop } from './child-cli.ts'

const STORY = [
  ['example.com', 'mta-sts.policy.changed-without-id'],
  ['example.com', 'mta-sts.policy.unfetchable'],
  ['example.net', 'mx.certificate.expired'],
  ['example.org', 'mta-sts.policy.mx-uncovered'],
]

test('the demo opens and resolves its four incidents and no other, and what it then proposes works', async () => {
  await using it = await workshop()
  const demo = await it.run(['demo', '--fast'])
  expect([demo.status, demo.err]).toEqual([0, ''])
  expect(demo.out).not.toContain('\u001b')
  expect(demo.out.match(/^🔴|^🟠|^🟡/gmu)).toHaveLength(4)
  expect(demo.out.match(/^🟢/gmu)).toHaveLength(4)
  expect(demo.out).toContain('4 incidents opened')

  const env = { DATABASE_FILE: 'data/demo.db' }
  const { status, out } = await it.run(['incidents', '--all', '--json'], { env })
  const incidents = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Incident)
  expect(status).toBe(0)
  expect(incidents.map(({ phase }) => phase.name)).toEqual(STORY.map(() => 'resolved'))
  const told = incidents.map(({ domain, latest }) => [domain, latest.code].join(' '))
  expect(new Set(told)).toEqual(new Set(STORY.map((pair) => pair.join(' '))))

  const proposed = [
    ...demo.out.matchAll(/npx stswatch ((?:history|incidents|explain) .*?)(?: {2,}.*)?$/gm),
  ].map(([, command = '']) => command.split(' '))
  expect(proposed).toHaveLength(3)
  for (const args of proposed) expect(await it.run(args, { env })).toMatchObject({ status: 0, err: '' })
})
