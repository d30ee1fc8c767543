import { describe, expect, test } from 'vitest'
import { App } from '../../../src/app/app.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { absent, healthy } from '../check/snapshot-builder.ts'
import { configOf, desk, domain, lookAt } from './desk.ts'

const NO_TLSRPT = healthy({ tlsrptRecord: absent() })

describe('an App', () => {
  test('looks at every domain of the list at once when it starts, and then by its schedule', async () => {
    await using it = await desk({ domains: ['a.example', { name: 'b.example', check: '*/15 * * * *' }] })
    await it.app.settle(it.never)
    expect(new Set(it.probe.looks)).toEqual(new Set(['a.example', 'b.example']))
    await it.pass(60)
    expect(it.probe.looks.filter((name) => name === 'b.example').length).toBeGreaterThanOrEqual(4)
  })

  test('says nothing while nothing is wrong', async () => {
    await using it = await desk()
    await it.pass(30)
    expect(await it.live()).toEqual([])
    expect(await it.store.outbox.pending(9)).toEqual([])
  })

  test('tells its channels of what it confirmed, once, and of the end, once', async () => {
    await using it = await desk({
      domains: [{ name: 'a.example', expect: 'enforce', check: '*/5 * * * *' }],
    })
    const told = () => [...it.settings.notifiers.values()].flatMap((one) => ('told' in one ? one.told : []))
    it.probe.look = async (name) => lookAt(name, it.clock.now(), NO_TLSRPT)
    await it.pass(60)
    it.probe.look = async (name) => lookAt(name, it.clock.now())
    await it.pass(60)
    expect(told()).toEqual(['opened tlsrpt.record.missing', 'resolved tlsrpt.record.missing'])
  })

  test('closes at its start what the watch list no longer has, and what it ignores', async () => {
    await using it = await desk({ domains: ['a.example', 'b.example'] })
    it.probe.look = async (name) => lookAt(name, it.clock.now(), NO_TLSRPT)
    await it.app.settle(it.never)
    expect(await it.live()).toHaveLength(2)
    const domains = [{ name: 'b.example', ignore: ['tlsrpt.record.missing'] }]
    const next = new App(it.tools, it.open(configOf({ domains })))
    await next.recover()
    expect(await it.live()).toEqual([])
  })

  test('takes back at its start what a dead process had under way', async () => {
    await using it = await desk({ domains: ['a.example'] })
    await it.app.enqueueDue()
    await it.store.jobs.claim(['check'], it.clock.now(), 60 * MINUTE_MS)
    const next = new App(it.tools, it.settings)
    await next.settle(it.never)
    expect(it.probe.looks).toEqual([])
    await next.recover()
    await next.settle(it.never)
    expect(it.probe.looks).toEqual(['a.example'])
  })

  test('a finding is confirmed within the hour at a domain that is looked at once a day, by six looks and no more', async () => {
    await using it = await desk({ domains: [{ name: 'a.example', check: '0 3 * * *' }] })
    it.probe.look = async (name) => lookAt(name, it.clock.now(), NO_TLSRPT)
    await it.pass(60)
    expect(await it.live()).toEqual(['open tlsrpt.record.missing a.example'])
    expect(it.probe.looks).toHaveLength(6)
  })
})

test('a domain that was removed and comes back is looked at at once', async () => {
  await using it = await desk({ domains: ['a.example', 'b.example'] })
  await it.pass(5)
  await it.app.reload(it.open(configOf({ domains: ['b.example'] })))
  await it.pass(90)
  it.probe.looks.length = 0
  await it.app.reload(it.open(configOf({ domains: [domain('a.example'), domain('b.example')] })))
  await it.app.settle(it.never)
  await it.pass(60)
  expect(it.probe.looks).toContain('a.example')
})
