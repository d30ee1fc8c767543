import { expect, test } from 'vitest'
import { watchSelf } from '../../src/app/jobs/watch-self.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { MINUTE_MS } from '../../src/lib/time.ts'
import type { ChannelId } from '../../src/model/notification.ts'
import { desk, domain } from '../unit/app/desk.ts'

const OPS = 'ops' as ChannelId
const EXAMPLE = domain('example.com')

test.each<[string, (monitor: Monitor) => void, (monitor: Monitor) => void]>([
  [
    'monitor.channel.failing ops',
    (monitor) => monitor.channelFailed(OPS, 'is_archived', 'archived'),
    (monitor) => monitor.channelWorks(OPS),
  ],
  [
    'monitor.check.failing example.com',
    (monitor) => monitor.checkFailed(EXAMPLE, 'a bug'),
    (monitor) => monitor.checkWorked(EXAMPLE),
  ],
])('%s: a restart is no proof that it is over', async (incident, fail, work) => {
  await using it = await desk({ domains: [EXAMPLE], channels: { ops: { type: 'console' } } })
  fail(it.monitor)
  await watchSelf(it.settings, it.tools, it.never)
  expect(await it.live()).toEqual([`open ${incident}`])

  const restarted = { ...it.tools, monitor: new Monitor(it.clock) }
  for (let minute = 0; minute < 3; minute += 1) {
    await it.clock.advance(MINUTE_MS)
    expect(await watchSelf(it.settings, restarted, it.never)).toEqual([])
  }
  work(restarted.monitor)
  await it.clock.advance(MINUTE_MS)
  await watchSelf(it.settings, restarted, it.never)
  expect(await it.live()).toEqual([])
})

test('monitor.mailbox.unreadable: a restart is no proof that it is over, and neither is a visit that fails', async () => {
  const mailbox = { check: '*/5 * * * *' }
  await using it = await desk({ domains: [EXAMPLE], channels: { ops: { type: 'console' } }, mailbox })
  const unreadable = Array.from({ length: 11 }, () => ({ sender: 'sender.example', reason: 'poison' }))
  it.monitor.mailbox.read(unreadable)
  for (let minute = 0; minute < 3; minute += 1) {
    await watchSelf(it.settings, it.tools, it.never)
    await it.clock.advance(MINUTE_MS)
  }
  expect(await it.live()).toEqual(['open monitor.mailbox.unreadable'])

  const restarted = { ...it.tools, monitor: new Monitor(it.clock) }
  for (let minute = 0; minute < 5; minute += 1) {
    if (minute === 2) restarted.monitor.mailbox.failed('tls@mail.example:993', 'login-refused', 'no')
    expect(await watchSelf(it.settings, restarted, it.never)).toEqual([])
    await it.clock.advance(MINUTE_MS)
  }
  restarted.monitor.mailbox.read([])
  await watchSelf(it.settings, restarted, it.never)
  expect(await it.live()).toEqual([])
})
