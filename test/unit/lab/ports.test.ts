import { Server } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Ports } from '../../../src/lab/ports.ts'

/** From now on, after `good` more of them, no listener gets a port. */
function exhaust(good = 0): void {
  const { listen } = Server.prototype
  let left = good
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    if (left > 0) {
      left -= 1
      return listen.apply(this, args)
    }
    process.nextTick(() => this.emit('error', new Error('too many open files')))
    return this
  })
}

function takeAll(ports: Ports): void {
  for (let taken = 0; taken < 1_000; taken += 1) ports.portFor(`${taken}`)
}

test('a port is the same for the same key, and another for another', async () => {
  await using ports = await Ports.open(() => {}, 1)
  expect(ports.portFor('a')).toBe(ports.portFor('a'))
  expect(ports.portFor('a')).not.toBe(ports.portFor('b'))
})

test('when there are no ports left, the one who asks is told why, and nobody else', async () => {
  await using ports = await Ports.open(() => {}, 1)
  exhaust()
  ports.portFor('a')
  ports.portFor('b')
  await new Promise((resolve) => setImmediate(resolve))
  expect(() => takeAll(ports)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('none left'),
      cause: expect.objectContaining({ message: 'too many open files' }),
    }),
  )
})

test('opening with too few ports fails, and leaves no listener behind', async () => {
  exhaust(5)
  const closed = vi.spyOn(Server.prototype, 'close')
  await expect(Ports.open(() => {}, 1)).rejects.toThrow('too many open files')
  expect(closed.mock.contexts.filter((server) => (server as Server).listening)).toEqual([])
  expect(closed.mock.calls.length).toBeGreaterThanOrEqual(5)
})
