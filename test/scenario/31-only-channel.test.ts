import { expect, test } from 'vitest'
import { desk, FakeNotifier, lookAt } from '../unit/app/desk.ts'
import { absent, healthy } from '../unit/check/snapshot-builder.ts'

test('what the only channel refused is told, once, as soon as the channel is mended', async () => {
  await using it = await desk({ domains: ['example.com'], channels: { ops: { type: 'console' } } })
  const ops = [...it.settings.notifiers.values()].find((notifier) => notifier instanceof FakeNotifier)
  if (ops === undefined) throw new Error('no channel')
  const mended = ops.send
  ops.send = async () => ({ outcome: 'rejected', errorCode: 'token_revoked', error: 'token_revoked' })
  it.probe.look = async (name) => lookAt(name, it.clock.now(), healthy({ tlsrptRecord: absent() }))
  await it.pass(90)
  expect(await it.live()).toContain('open monitor.channel.failing ops')
  ops.send = mended
  await it.pass(70)
  expect(ops.told.filter((text) => text === 'opened tlsrpt.record.missing')).toHaveLength(1)
  expect(await it.live()).toEqual(['open tlsrpt.record.missing example.com'])
})
