import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { HOUR_MS, systemClock } from '../../../src/lib/time.ts'
import type { IncidentId, ThreadId } from '../../../src/model/incident.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { incident } from '../notify/message-builder.ts'
import { type Scratch, scratch } from '../store/scratch.ts'
import { capturedIo } from './captured-io.ts'

/** An installation with one open incident at example.com, told in Slack. */
let place: Scratch
let watch = ''
let store: Store

beforeAll(async () => {
  place = await scratch()
  watch = join(dirname(place.file), 'watch.yaml')
  await writeFile(
    watch,
    'domains:\n  - { name: example.com, tags: [customer-a] }\nchannels:\n  ops: { type: slack, channel: "#ops" }\n',
  )
})

afterAll(() => place[Symbol.asyncDispose]())

let count = 0
let id = ''

beforeEach(async () => {
  store = await openStore(place.file, { owner: false, allowNetworkFilesystem: true, warn: () => {} })
  for (const live of await store.incidents.live()) {
    const at = systemClock.now()
    const over = { ...live, phase: { name: 'resolved', openedAt: at, resolvedAt: at } as const }
    await store.commitTransitions([{ reason: 'resolved', at, incident: over }], [])
  }
  for (const { id: silence } of await store.quiet.silences(0)) {
    await store.quiet.endSilence(silence, systemClock.now())
  }
  const at = systemClock.now() - 2 * HOUR_MS
  id = `inc_${++count}`
  const opened = {
    ...incident({ firstSeenAt: at, phase: { name: 'open', openedAt: at, rising: null } }),
    id: id as IncidentId,
    thread: `thr_${count}` as ThreadId,
  }
  await store.commitTransitions([{ reason: 'opened', at, incident: opened }], [])
  return () => store[Symbol.asyncDispose]()
})

async function run(...argv: readonly string[]) {
  const { io, said } = capturedIo({ env: { DATABASE_FILE: place.file, USER: 'ada' } })
  const status = await cli(['--config', watch, ...argv], io)
  return { status, ...said }
}

const answers = async () =>
  (await store.outbox.ofIncident(id as IncidentId)).map(({ notification }) => notification.content)

describe('ack', () => {
  test('says who looks after it, there and in Slack, and incidents shows it', async () => {
    const { status, out } = await run('ack', id, '--note', 'calling the host')
    expect([status, out]).toEqual([0, expect.stringMatching(/^ada looks after example\.com: /)])
    expect(await answers()).toMatchObject([
      { kind: 'answer', by: 'ada', answer: { kind: 'acknowledged', note: 'calling the host' } },
    ])
    const listed = await run('incidents')
    expect(listed.status).toBe(1)
    expect(listed.out).toMatch(/ada looks after it since .*: calling the host/)
    expect(listed.out).toContain('(2 hours)')
    const { acknowledgement } = JSON.parse((await run('incidents', '--json')).out)
    expect(acknowledgement).toMatchObject({ by: 'ada', note: 'calling the host' })
  })

  test('by somebody else', async () => {
    await run('ack', id, '--by', 'eve')
    expect((await store.quiet.acknowledgements()).map(({ by }) => by)).toEqual(['eve'])
  })

  test('of what is not open says so', async () => {
    const unknown = await run('ack', 'inc_x')
    expect([unknown.status, unknown.err]).toEqual([66, expect.stringContaining('begins with inc_x')])
    const [old] = (await store.incidents.recent(9)).filter(({ phase }) => phase.name === 'resolved')
    if (old !== undefined) expect((await run('ack', old.id)).status).toBe(66)
  })
})

describe('silence', () => {
  test('begins, is listed, is shown by incidents, and is ended', async () => {
    const begun = await run('silence', '#customer-a', '--for', '2h', '--reason', 'patch night')
    expect(begun.status).toBe(0)
    expect(begun.out).toContain('1 open incidents are of this kind')
    const [silence] = await store.quiet.silences(systemClock.now())
    expect(silence).toMatchObject({ pattern: '#customer-a', by: 'ada', reason: 'patch night' })
    expect((silence?.until ?? 0) - (silence?.createdAt ?? 0)).toBe(2 * HOUR_MS)
    expect(await answers()).toMatchObject([{ kind: 'answer', answer: { kind: 'silenced' } }])

    expect((await run('silence', 'list')).out).toMatch(
      /^sil_\w+ {2}#customer-a {2}until .*, by ada: patch night$/m,
    )
    expect((await run('incidents')).out).toContain(
      'kept quiet by the silence #customer-a of ada: patch night',
    )
    const ended = await run('silence', 'end', silence?.id ?? '')
    expect([ended.status, ended.out]).toEqual([0, expect.stringContaining('is over')])
    expect((await run('silence', 'list')).out).toBe('No silence is in force.\n')
    expect((await run('silence', 'end', silence?.id ?? '')).status).toBe(66)
  })

  test('until a time', async () => {
    expect((await run('silence', 'mx.*', '--until', '2100-01-01T00:00')).err).toContain('a year at most')
    const tomorrow = new Date(systemClock.now() + 24 * HOUR_MS).toISOString().slice(0, 16)
    expect((await run('silence', 'mx.*', '--until', tomorrow)).status).toBe(0)
    expect(await store.quiet.silences(systemClock.now())).toMatchObject([
      { pattern: 'mx.*', until: Date.parse(`${tomorrow}Z`) },
    ])
  })

  test.each([
    [['mx.*'], 'say either --for 2h or --until'],
    [['mx.*', '--for', '2h', '--until', '2030-01-01T00:00'], 'say either --for 2h or --until'],
    [['mx.*', '--for', 'soon'], '--for soon: write a duration like 90m, 2h or 1d'],
    [['mx.*', '--until', 'soon'], '--until soon: write a time like'],
    [['mx.*', '--until', '2020-01-01T00:00'], 'is over already'],
    [['nothing', '--for', '2h'], '"nothing" is no pattern'],
    [['mx.certificat.expired', '--for', '2h'], 'neither a finding code nor a watched domain'],
  ])('%s is refused', async (argv, complaint) => {
    const { status, err } = await run('silence', ...argv)
    expect([status, err]).toEqual([2, expect.stringContaining(complaint)])
    expect(await store.quiet.silences(systemClock.now())).toEqual([])
  })
})
