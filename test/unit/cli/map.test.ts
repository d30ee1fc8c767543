import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { answer, commit, mxHost, snapshot, T0 } from '../../contract/store-samples.ts'
import { PRINTABLE, ReportInstallation } from './report-installation.ts'

let installation: ReportInstallation

function look(domain: string, hosts: readonly MxHost[]): Snapshot {
  const mx = answer(
    hosts.map(({ name }) => ({ preference: 10, exchange: name })),
    T0,
  )
  return snapshot(T0, { domain: domain as DomainName, mx, hosts })
}

beforeAll(async () => {
  installation = await ReportInstallation.open(['a.example', 'b.example', 'c.example', 'new.example'])
  await using store = await installation.store({ owner: true })
  const tlsa = answer(['3 1 1 ab01'], T0)
  const mx1 = { ...mxHost('mx1.example.com', T0), tlsa }
  const mx2 = { ...mxHost('mx2.example.com', T0, ['192.0.2.26', '192.0.2.27']), tlsa }
  await store.commitCheck(commit(look('a.example', [mx1, mx2])))
  await store.commitCheck(commit(look('b.example', [mx1])))
  await store.commitCheck(commit(look('c.example', [])))
})
afterAll(() => installation[Symbol.asyncDispose]())

test('map: who shares what, when it was last looked at, and how big it is', async () => {
  const { status, out, err } = await installation.run(['map'])
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toMatch(PRINTABLE)
  expect(out).toMatch(/^3 domains, 3 hosts, last looked at \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/)
  expect(out).toContain('Certificates: these hosts end together\n')
  expect(out).toContain('ECDSA ')
  expect(out).toMatch(/2 hosts: .*mx1\.example\.com:25 mx2\.example\.com:25 \(2 addresses\)/s)
  expect(out).toContain('TLSA records: these must be published anew together\n')
  expect(out).toContain('_25._tcp.mx1.example.com. _25._tcp.mx2.example.com.')
  expect(out).toContain('matches nothing that these hosts show')
})

test('map --json gives all of it', async () => {
  const [map] = await installation.json(['map'])
  expect(map).toMatchObject({
    domains: 3,
    looked: { oldestAt: T0, newestAt: T0 },
    pins: [
      {
        record: '3 1 1 ab01',
        hosts: ['mx1.example.com', 'mx2.example.com'],
        domains: ['a.example', 'b.example'],
      },
    ],
  })
})

test('map of one domain leaves out what it has no part in', async () => {
  const [map] = await installation.json(['map', 'c.example'])
  expect(map).toMatchObject({ domains: 3, pins: [] })
})

test('map says what it cannot know', async () => {
  expect(await installation.run(['map', 'new.example'])).toEqual({
    status: 66,
    out: '',
    err: 'stswatch map: new.example was not looked at yet. Watched domains: stswatch watch list\n',
  })
  expect(await installation.run(['map', 'a b'])).toMatchObject({ status: 2 })
})

test('without any look, or without a database, it says so', async () => {
  await using empty = await ReportInstallation.open(['a.example'])
  expect(await empty.run(['map'])).toMatchObject({ status: 66 })
  await using _store = await empty.store({ owner: true })
  expect(await empty.run(['map'])).toMatchObject({
    status: 66,
    err: 'stswatch map: nothing was looked at yet. Start watching with: stswatch run\n',
  })
})
