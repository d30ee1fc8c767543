import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import {
  answer,
  at,
  commit,
  failed,
  mxHost,
  policyFetch,
  policyVersion,
  snapshot,
  T0,
  tls,
  zoneLook,
} from '../../contract/store-samples.ts'
import { OPTIONS, scratch } from './scratch.ts'

/** Rows of every table and pages of the whole file. */
function measure(connection: DatabaseSync): Record<string, unknown> {
  const names = connection.prepare(`select name from sqlite_schema where type = 'table'`).all()
  const counts = names.map(({ name }) => [
    name,
    connection.prepare(`select count(*) as n from ${name}`).get()?.n,
  ])
  return { ...Object.fromEntries(counts), pages: connection.prepare('PRAGMA page_count').get()?.page_count }
}

test('a thousand unchanged looks of a day add no row and no page', async () => {
  await using place = await scratch()
  await using store = await openStore(place.file, OPTIONS)
  using reader = new DatabaseSync(place.file)
  const look = (minutes: number) =>
    store.commitCheck(commit(snapshot(at(minutes)), { policyVersion: policyVersion('1', at(minutes)) }))
  await look(0)
  const before = measure(reader)
  for (let n = 1; n <= 1_000; n++) await look(n / 10)
  expect(measure(reader)).toEqual(before)
  expect(await store.snapshots.lookSummary(snapshot(T0).domain)).toEqual({
    looks: 1_001,
    firstAt: at(0),
    lastAt: at(100),
  })
})

test('half a day of hourly looks at name servers whose serials count up adds no row and no page', async () => {
  await using place = await scratch()
  await using store = await openStore(place.file, OPTIONS)
  using reader = new DatabaseSync(place.file)
  const look = (hour: number) => {
    const zones = [zoneLook(at(60 * hour), { ns1: 100 + hour, ns2: 100 + hour })]
    return store.commitCheck(commit(snapshot(at(60 * hour), { zones })))
  }
  await look(0)
  const before = measure(reader)
  for (let hour = 1; hour < 12; hour++) await look(hour)
  expect(measure(reader)).toEqual(before)
})

test('two hundred flaps of one part add rows of that part and no content', async () => {
  await using place = await scratch()
  await using store = await openStore(place.file, OPTIONS)
  using reader = new DatabaseSync(place.file)
  const flap = (n: number) =>
    store.commitCheck(commit(snapshot(at(n), n % 2 === 0 ? {} : { stsRecord: failed(at(n)) })))
  for (const n of [0, 1]) await flap(n)
  const before = measure(reader)
  for (let n = 2; n < 202; n++) await flap(n)
  const after = measure(reader)
  expect(after.look).toBe(Number(before.look) + 200)
  expect(after).toMatchObject({ content: before.content, part: before.part })
})

test('domains on one mail host share what it shows', async () => {
  await using place = await scratch()
  await using store = await openStore(place.file, OPTIONS)
  using reader = new DatabaseSync(place.file)
  const contents = async (domain: string) => {
    await store.commitCheck(commit(snapshot(T0, { domain: domain as DomainName })))
    return Number(measure(reader).content)
  }
  const first = await contents('a.example')
  const second = (await contents('b.example')) - first
  const third = (await contents('c.example')) - first - second
  const host = 3
  const ruaDomain = 2
  expect([second, third]).toEqual([first - host - ruaDomain, second])
})

const base = snapshot(T0)
const host = mxHost('mx1.example.com', T0)
const fetch = policyFetch('192.0.2.80', T0)
const page = (status: number, body: string) => {
  const value = { status, location: null, contentType: 'text/html', body, validUtf8: true }
  const response = { outcome: 'seen', at: T0, tookMs: 1, value } as const
  return { policyHost: { ...base.policyHost, fetches: [{ ...fetch, response }] } }
}
const handshake = (detail: string) => {
  const startTls = {
    outcome: 'handshake-failed',
    fault: { kind: 'tls-alert', blame: 'remote', detail },
  } as const
  return withStartTls(startTls)
}
const refused = (reply: string) => withStartTls({ outcome: 'refused', reply })
function withStartTls(startTls: object) {
  const sessions = host.sessions.map(({ address, smtp, dane }) => ({
    address,
    dane,
    smtp: { ...smtp, value: { ...('value' in smtp ? smtp.value : null), startTls } },
  }))
  return { hosts: [{ ...host, sessions }] } as object
}
const face = (notAfterAt: number, tookMs: number) => {
  const facts = tls()
  const chain = facts.chain.map((one) => ({ ...one, notAfterAt }))
  const look = {
    outcome: 'seen',
    at: T0,
    tookMs,
    value: { outcome: 'shown', tls: { ...facts, chain } },
  } as const
  const [session] = host.sessions
  if (session === undefined) throw new Error('the sample host has a session')
  return {
    hosts: [{ ...host, faces: [{ address: session.address, port: 993, keys: 'any', look }] }],
  } as const
}
const mx = (...exchanges: string[]) => ({
  mx: answer(
    exchanges.map((exchange) => ({ preference: 10, exchange })),
    T0,
  ),
})

test.each([
  [
    'TXT records in another order',
    { stsRecord: answer(['a', 'b'], T0) },
    { stsRecord: answer(['b', 'a'], T0) },
    1,
  ],
  ['another TXT record', { stsRecord: answer(['a'], T0) }, { stsRecord: answer(['b'], T0) }, 2],
  ['MX records in another order', mx('a.example', 'b.example'), mx('b.example', 'a.example'), 1],
  ['another MX record', mx('a.example'), mx('a.example', 'b.example'), 2],
  ['a fault in other words', { mx: failed(T0, 'a') }, { mx: failed(T0, 'b') }, 1],
  ['an error page with another id', page(502, 'id 1'), page(502, 'id 2'), 1],
  ['another status', page(502, ''), page(503, ''), 2],
  ['another policy text', page(200, 'a'), page(200, 'b'), 2],
  ['an alert in other words', handshake('a'), handshake('b'), 1],
  ['a refusal with another id', refused('454 4.7.0 id 1'), refused('454 4.7.0 id 2'), 1],
  ['the same certificate on another port', face(at(1), 5), face(at(1), 9), 1],
  ['another certificate on another port', face(at(1), 5), face(at(2), 5), 2],
  ['another port that nobody asks for any more', face(at(1), 5), { hosts: [host] }, 2],
  ['a refusal with another code', refused('454 no'), refused('501 no'), 2],
])('%s: the second look makes %4$i state(s) of it', async (_name, one, two, states) => {
  await using place = await scratch()
  await using store = await openStore(place.file, OPTIONS)
  using reader = new DatabaseSync(place.file)
  await store.commitCheck(commit(snapshot(at(0), one)))
  const before = measure(reader)
  await store.commitCheck(commit(snapshot(at(0), two)))
  expect(measure(reader).look === before.look ? 1 : 2).toBe(states)
})
